// Whether a member has been moved from. Not part of the public interface.
#pragma once

#include <utility>

namespace heed::nn {

/// A flag that follows its object: set where something was moved away, carried along by what moves in. A parameter that
/// is none because its layer has none may not take a leaf that no optimizer would learn of; one that gave its leaf away
/// (std::swap, a growing std::vector) must.
class MovedFrom {
 public:
  MovedFrom() = default;
  MovedFrom(const MovedFrom&) = default;
  MovedFrom(MovedFrom&& other) noexcept : value_(std::exchange(other.value_, true)) {}
  MovedFrom& operator=(const MovedFrom&) = default;
  MovedFrom& operator=(MovedFrom&& other) noexcept {
    value_ = std::exchange(other.value_, true);
    return *this;
  }
  ~MovedFrom() = default;
  explicit operator bool() const { return value_; }

 private:
  bool value_ = false;
};

}  // namespace heed::nn
