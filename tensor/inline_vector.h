// InlineVector: a vector whose first elements stand in the object itself, for lists that are nearly always short.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

namespace heed {

/// Up to n elements without an allocation.
template <class T, std::size_t n>
class InlineVector {
 public:
  InlineVector() = default;
  InlineVector(const InlineVector& other) {
    reserve(other.size_);
    for (const T& element : other) emplace_back(element);
  }
  InlineVector(InlineVector&& other) noexcept { take(other); }
  InlineVector& operator=(InlineVector other) noexcept {
    free();
    take(other);
    return *this;
  }
  ~InlineVector() { free(); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* begin() { return elements_; }
  T* end() { return elements_ + size_; }
  const T* begin() const { return elements_; }
  const T* end() const { return elements_ + size_; }
  T& operator[](std::size_t i) { return elements_[i]; }
  const T& operator[](std::size_t i) const { return elements_[i]; }

  void reserve(std::size_t count) {
    if (count <= capacity_) return;
    T* larger = static_cast<T*>(::operator new(count * sizeof(T)));
    move_to(larger);
    const std::size_t size = size_;
    free();
    elements_ = larger;
    size_ = size;
    capacity_ = count;
  }
  template <class... Arguments>
  T& emplace_back(Arguments&&... arguments) {
    if (size_ == capacity_) {
      T element(std::forward<Arguments>(arguments)...);  // before the elements move: it may be made of one of them
      reserve(2 * capacity_);
      return *::new (elements_ + size_++) T(std::move(element));
    }
    T* added = ::new (elements_ + size_) T(std::forward<Arguments>(arguments)...);
    ++size_;
    return *added;
  }
  void push_back(T element) { emplace_back(std::move(element)); }

 private:
  static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

  // T's move constructor throws nothing.
  void move_to(T* memory) noexcept {
    for (T& element : *this) ::new (memory++) T(std::move(element));
  }
  void take(InlineVector& other) noexcept {
    if (other.capacity_ > n) {
      elements_ = std::exchange(other.elements_, other.inline_elements());
      capacity_ = std::exchange(other.capacity_, n);
      size_ = std::exchange(other.size_, 0);
    } else {
      other.move_to(elements_);
      size_ = other.size_;
      other.free();
    }
  }
  void free() noexcept {
    for (T& element : *this) element.~T();
    if (capacity_ > n) ::operator delete(elements_);
    elements_ = inline_elements();
    size_ = 0;
    capacity_ = n;
  }
  T* inline_elements() { return reinterpret_cast<T*>(memory_); }

  alignas(T) std::byte memory_[n * sizeof(T)];
  T* elements_ = inline_elements();
  std::size_t size_ = 0, capacity_ = n;
};

}  // namespace heed
