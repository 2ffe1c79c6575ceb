// Activation functions as parts of a Sequential: values without parameters that are called like functions.
#pragma once

#include "heed/autograd/ops/activation.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/glu.h"

namespace heed::nn {

struct Relu {
  Variable operator()(const Variable& x) const { return relu(x); }
};

struct Tanh {
  Variable operator()(const Variable& x) const { return tanh(x); }
};

struct Sigmoid {
  Variable operator()(const Variable& x) const { return sigmoid(x); }
};

struct Silu {
  Variable operator()(const Variable& x) const { return silu(x); }
};

struct Gelu {
  Approximate approximate = Approximate::none;
  Variable operator()(const Variable& x) const { return gelu(x, approximate); }
};

/// Halves `axis` (autograd/ops/glu.h).
struct Glu {
  int axis = -1;
  Variable operator()(const Variable& x) const { return glu(x, axis); }
};

}  // namespace heed::nn
