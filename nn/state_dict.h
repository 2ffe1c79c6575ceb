// StateDict: tensors by name, as modules and optimizers give and take them.
#pragma once

#include <map>
#include <string>

#include "heed/tensor/tensor.h"

namespace heed::nn {

/// Named tensors, "encoder.weight_ih_l0" style, as in PyTorch.
using StateDict = std::map<std::string, Tensor>;

/// state[name] = tensor; Error when the name is taken.
void add_state(StateDict& state, const std::string& name, const Tensor& tensor);

/// Copies `source` into `target` name by name, converting between f32 and f64. All or nothing: FormatError that lists
/// missing and unexpected names, or names the tensor whose shape or dtype differs; ShapeError that names a tensor of
/// `target` that repeats its elements (an expanded view); both before anything changes. Tensors of `source` may share
/// elements with those of `target`: all are read as they were before the call.
///
/// A tensor that `target` has under several names (a tied weight) may stand in `source` under one of them or under
/// several: FormatError that names both unless their elements have the same bits.
void assign_state(const StateDict& target, const StateDict& source);

}  // namespace heed::nn
