// Parameter: a trainable leaf that behaves like a number: copying it copies the values.
//
// A Variable is a handle; two copies of it are the same leaf. A module holds Parameters instead, so that a copied
// module is a second, independent model. A Parameter passed where a Variable is expected is the handle again.
#pragma once

#include "heed/autograd/variable.h"

namespace heed::nn {

class Parameter : public Variable {
 public:
  Parameter() = default;  ///< none (a layer without bias)
  explicit Parameter(Tensor value) : Variable(std::move(value), true) {}

  Parameter(const Parameter& other) : Variable(other.copy()) {}
  Parameter(Parameter&&) noexcept = default;
  Parameter& operator=(const Parameter& other) { return *this = Parameter(other); }
  Parameter& operator=(Parameter&&) noexcept = default;
  ~Parameter() = default;

 private:
  Variable copy() const { return defined() ? Variable(value().clone(), true) : Variable(); }
};

}  // namespace heed::nn
