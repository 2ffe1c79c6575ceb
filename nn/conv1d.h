// Convolution over positions as a module.
#pragma once

#include <variant>

#include "heed/autograd/fused/conv1d.h"
#include "heed/nn/module.h"
#include "heed/nn/parameter_source.h"

namespace heed::nn {

/// Padding that follows from the kernel, (kernel - 1)·dilation zeros in all: `same` puts half of them before x, the
/// rest after it, so that y is as long as x; `causal` all of them before it, so that no output reads a later position.
enum class Conv1dPaddingRule : std::uint8_t { same, causal };

/// x [B, in, L] -> y [B, out, (L + padding - (kernel - 1)·dilation - 1)/stride + 1]: autograd/fused/conv1d.h.
/// Parameters as in torch.nn.Conv1d: weight [out, in/groups, kernel], bias [out], both drawn from U(-1/√n, 1/√n), n =
/// in/groups·kernel.
struct Conv1d {
  struct Config {
    std::int64_t in = 0, out = 0, kernel = 0;  ///< channels, channels, taps
    std::int64_t stride = 1;
    std::variant<Conv1dPadding, Conv1dPaddingRule> padding = Conv1dPadding();  ///< a number: zeros on each side
    std::int64_t dilation = 1;
    std::int64_t groups = 1;  ///< of which in and out are multiples
    bool bias = true;
    DType dtype = DType::f32;
  };

  /// ShapeError unless all sizes are positive, in and out are multiples of groups and padding is not negative; Error
  /// for `same` with a stride that is not 1.
  Conv1d(const Config& config, const ParameterSource& source);

  Variable forward(const Variable& x) const { return conv1d(x, weight, bias, options); }

  /// How many neighbouring positions of x an output reaches over: 1 + (kernel - 1)·dilation. A stack of layers of
  /// stride 1 reaches over 1 + Σ (kernel - 1)·dilation.
  std::int64_t reach() const { return 1 + (weight.size(2) - 1) * options.dilation; }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
    visitor("bias", self.bias);
  }

  Parameter weight, bias;
  Conv1dOptions options;
};

}  // namespace heed::nn
