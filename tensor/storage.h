// Storage: the numbers behind one or more tensors, in one aligned block that also holds its counters.
// StorageRef: a counted handle to it. `version` counts the changes made in place, so that a gradient rule can tell that
// a tensor it saved is no longer what it was.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace heed {

class alignas(64) Storage {
 public:
  /// A block of `bytes` bytes, not initialised. std::bad_alloc when there is no memory.
  static Storage* create(std::size_t bytes);

  std::byte* data() { return reinterpret_cast<std::byte*>(this + 1); }  // the header is one cache line
  std::size_t bytes() const { return bytes_; }
  std::uint32_t version() const { return version_.load(std::memory_order_relaxed); }
  void bump_version() { version_.fetch_add(1, std::memory_order_relaxed); }

 private:
  friend class StorageRef;
  Storage(std::size_t bytes, std::size_t capacity) : bytes_(bytes), capacity_(capacity) {}
  static void destroy(Storage* storage) noexcept;

  std::size_t bytes_, capacity_;  // of the data; of the whole block, which may have been made for something larger
  std::atomic<std::uint32_t> handles_{1};
  std::atomic<std::uint32_t> version_{0};
};

class StorageRef {
 public:
  StorageRef() = default;
  explicit StorageRef(Storage* owned) : storage_(owned) {}
  StorageRef(const StorageRef& other) : storage_(other.storage_) {
    if (storage_) storage_->handles_.fetch_add(1, std::memory_order_relaxed);
  }
  StorageRef(StorageRef&& other) noexcept : storage_(std::exchange(other.storage_, nullptr)) {}
  StorageRef& operator=(StorageRef other) noexcept {
    std::swap(storage_, other.storage_);
    return *this;
  }
  ~StorageRef() {
    if (storage_ && storage_->handles_.fetch_sub(1, std::memory_order_acq_rel) == 1) Storage::destroy(storage_);
  }

  Storage* operator->() const { return storage_; }
  Storage* get() const { return storage_; }
  explicit operator bool() const { return storage_ != nullptr; }

  /// True when no other handle exists: then, and only then, a caller may treat the block as its own.
  bool unique() const { return storage_ && storage_->handles_.load(std::memory_order_acquire) == 1; }

 private:
  Storage* storage_ = nullptr;
};

}  // namespace heed
