// The parameters of the built-in recurrent cells, in PyTorch's names and layouts.
#pragma once

#include "heed/nn/module.h"
#include "heed/nn/parameter_source.h"

namespace heed::nn {

/// Base of a cell with I inputs, H hidden units and G gates: weight_ih [G·H, I], weight_hh [G·H, H], bias_ih [G·H] and
/// bias_hh [G·H], the biases undefined where there are none. All are drawn from U(-1/√H, 1/√H).
struct CellParameters {
  struct Sizes {
    std::int64_t input, hidden;
    bool bias;
    DType dtype;
  };

  /// ShapeError, which names `cell`, unless input and hidden are positive.
  CellParameters(const char* cell, std::int64_t gates, const Sizes& sizes, const ParameterSource& source);

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight_ih", self.weight_ih);
    visitor("weight_hh", self.weight_hh);
    visitor("bias_ih", self.bias_ih);
    visitor("bias_hh", self.bias_hh);
  }

  Parameter weight_ih, weight_hh, bias_ih, bias_hh;
};

}  // namespace heed::nn
