// CountedRef: a counted handle to an object that carries its own count (a storage, a node of a graph).
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace heed {

/// The count of an object's handles. T derives from it and has a static destroy(T*) noexcept, which is called when the
/// last handle has gone. A new object counts one handle: the CountedRef it is given to.
class Counted {
 public:
  Counted() = default;
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  template <class T>
  friend class CountedRef;
  mutable std::atomic<std::uint32_t> handles_{1};
};

template <class T>
class CountedRef {
 public:
  CountedRef() = default;
  explicit CountedRef(T* owned) : object_(owned) {}

  /// One more handle to an object that some handle owns already.
  static CountedRef share(T* object) {
    count(object).fetch_add(1, std::memory_order_relaxed);
    return CountedRef(object);
  }

  CountedRef(const CountedRef& other) : object_(other.object_) {
    if (object_) count(object_).fetch_add(1, std::memory_order_relaxed);
  }
  CountedRef(CountedRef&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  CountedRef& operator=(CountedRef other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~CountedRef() {
    if (T* last = drop()) T::destroy(last);
  }

  /// Gives the handle up. The object when this was its last handle: the caller destroys it.
  T* drop() noexcept {
    T* object = std::exchange(object_, nullptr);
    return object && count(object).fetch_sub(1, std::memory_order_acq_rel) == 1 ? object : nullptr;
  }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

  /// True when no other handle exists: then, and only then, a caller may treat the object as its own.
  bool unique() const { return object_ && count(object_).load(std::memory_order_acquire) == 1; }

 private:
  static std::atomic<std::uint32_t>& count(const Counted* object) { return object->handles_; }

  T* object_ = nullptr;
};

}  // namespace heed
