#include "heed/nn/transformer/feed_forward.h"

#include "heed/autograd/ops/activation.h"
#include "heed/autograd/ops/elementwise.h"

namespace heed::nn {
namespace {

Variable activated(const Variable& x, FeedForwardActivation activation) {
  switch (activation) {
    case FeedForwardActivation::gelu:
      return gelu(x);
    case FeedForwardActivation::gelu_tanh:
      return gelu(x, Approximate::tanh);
    default:
      return relu(x);
  }
}

}  // namespace

FeedForward::FeedForward(const Config& c, const ParameterSource& source)
    : linear1({.in = c.embed, .out = c.feedforward, .bias = c.bias, .dtype = c.dtype}, source),
      linear2({.in = c.feedforward, .out = c.embed, .bias = c.bias, .dtype = c.dtype}, source),
      activation(c.activation) {}

Variable FeedForward::forward(const Variable& x, const Dropout& dropout, Generator* generator) const {
  return linear2.forward(dropout.forward(activated(linear1.forward(x), activation), generator));
}

}  // namespace heed::nn
