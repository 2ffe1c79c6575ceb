// What heed's side of the workloads shares: weights and data that the peers start from too.
#pragma once

#include "heed/nn/module.h"
#include "heed/tensor/create.h"
#include "workloads/values.h"

namespace heed::bench {

/// Gives every parameter of the model the numbers that belong to its name.
template <class Model>
void set_weights(Model& model) {
  nn::for_each_parameter(model, [](const std::string& name, nn::Parameter& parameter) {
    Tensor values = empty(parameter.shape(), DType::f32);
    fill_weights(name, {values.mutable_data<float>(), static_cast<std::size_t>(values.numel())});
    parameter = nn::Parameter(values);
  });
}

/// Ids of [0, n).
inline Tensor ids(std::string_view name, const Shape& shape, std::int64_t n) {
  Tensor values = empty(shape, DType::i64);
  fill_ids(name, {values.mutable_data<std::int64_t>(), static_cast<std::size_t>(values.numel())}, n);
  return values;
}

}  // namespace heed::bench
