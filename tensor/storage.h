// Storage: the numbers behind one or more tensors, in one aligned block that also holds its counters.
// StorageRef: a counted handle to it. `version` counts the changes made in place, so that a gradient rule can tell that
// a tensor it saved is no longer what it was.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "heed/tensor/counted.h"

namespace heed {

class alignas(64) Storage : public Counted {
 public:
  /// A block of `bytes` bytes, not initialised. std::bad_alloc when there is no memory.
  static Storage* create(std::size_t bytes);

  std::byte* data() { return reinterpret_cast<std::byte*>(this + 1); }  // the header is one cache line
  std::size_t bytes() const { return bytes_; }
  static void destroy(Storage* storage) noexcept;
  std::uint32_t version() const { return version_.load(std::memory_order_relaxed); }
  void bump_version() { version_.fetch_add(1, std::memory_order_relaxed); }

 private:
  Storage(std::size_t bytes, std::size_t capacity) : bytes_(bytes), capacity_(capacity) {}

  std::size_t bytes_, capacity_;  // of the data; of the whole block, which may have been made for something larger
  std::atomic<std::uint32_t> version_{0};
};

using StorageRef = CountedRef<Storage>;

}  // namespace heed
