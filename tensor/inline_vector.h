// InlineVector: a vector whose first elements stand in the object itself, for lists that are nearly always short.
#pragma once

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace heed {

/// Up to n elements without an allocation.
template <class T, std::size_t n>
class InlineVector {
 public:
  InlineVector() = default;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* begin() { return size_ <= n ? few_.data() : many_.data(); }
  T* end() { return begin() + size_; }
  const T* begin() const { return size_ <= n ? few_.data() : many_.data(); }
  const T* end() const { return begin() + size_; }
  T& operator[](std::size_t i) { return begin()[i]; }
  const T& operator[](std::size_t i) const { return begin()[i]; }

  void reserve(std::size_t count) {
    if (count > n) many_.reserve(count);
  }
  void push_back(T element) {
    if (size_ < n) {
      few_[size_] = std::move(element);
    } else {
      if (size_ == n)
        for (T& moved : few_) many_.push_back(std::move(moved));
      many_.push_back(std::move(element));
    }
    ++size_;
  }

 private:
  std::array<T, n> few_;
  std::vector<T> many_;  // all of them, once there are more than n
  std::size_t size_ = 0;
};

}  // namespace heed
