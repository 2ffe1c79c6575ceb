// Buffer: a tensor of a module that is saved with it but not trained (running statistics, counts, tables).
//
// What Parameter is to Variable, Buffer is to Tensor: copying the module copies the elements, assigning the module
// writes them into the tensor that is there, and taken out of its module it is the handle: `Tensor mean = norm.mean`
// (`auto mean = norm.mean` does not compile). To change it in place: copy_from(norm.mean, x), fill(norm.count, 0).
#pragma once

#include "heed/nn/assign_elements.h"
#include "heed/nn/moved_from.h"
#include "heed/tensor/tensor.h"

namespace heed::nn {

class Buffer : public Tensor {
 public:
  Buffer() = default;  ///< none
  explicit Buffer(Tensor value) : Tensor(std::move(value)) {}

  explicit Buffer(const Buffer& other) : Tensor(other.copy()), moved_from_(other.moved_from_) {}
  Buffer(Buffer&&) noexcept = default;

  /// The elements are written into this tensor. One that has been moved from becomes what is assigned (a copy of it, or
  /// the moved tensor). ShapeError, DTypeError unless both are alike; ShapeError when one that exists is assigned to
  /// one that is none, or none to one that exists.
  Buffer& operator=(const Buffer& other) {
    if (defined()) {
      assign_elements("buffer", *this, other);
      return *this;
    }
    if (other.defined()) check_moved_from("buffer", static_cast<bool>(moved_from_), other);
    Tensor::operator=(other.copy());
    moved_from_ = other.moved_from_;
    return *this;
  }
  Buffer& operator=(Buffer&& other) {
    if (defined()) {
      assign_elements("buffer", *this, other);
      return *this;
    }
    if (other.defined()) check_moved_from("buffer", static_cast<bool>(moved_from_), other);
    Tensor::operator=(std::move(other));
    moved_from_ = std::move(other.moved_from_);
    return *this;
  }
  ~Buffer() = default;

 private:
  Tensor copy() const { return defined() ? clone() : Tensor(); }

  MovedFrom moved_from_;
};

}  // namespace heed::nn
