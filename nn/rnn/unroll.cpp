#include "heed/nn/rnn/unroll.h"

#include <fmt/format.h>

#include "heed/autograd/ops/reduce.h"

namespace heed::nn::detail {

void check_sequences(const Variable& x) {
  check_defined("unroll", "x", x.value());
  if (x.rank() != 3) throw ShapeError(fmt::format("unroll: x is {}, expected [B, T, I]", x.shape().str()));
}

void check_gates(const Variable& gates, std::int64_t batch, std::int64_t steps) {
  if (!gates.defined())
    throw ShapeError(fmt::format("unroll: cell.gates gave an undefined result, expected [{}, {}, G]", batch, steps));
  if (gates.rank() != 3 || gates.size(0) != batch || gates.size(1) != steps)
    throw ShapeError(
        fmt::format("unroll: cell.gates gave {}, expected [{}, {}, G]", gates.shape().str(), batch, steps));
}

void check_output(const Variable& output, const Variable& first, std::int64_t batch) {
  const std::string wanted = first.defined() ? first.shape().str() : fmt::format("[{}, H]", batch);
  if (!output.defined())
    throw ShapeError(fmt::format("unroll: cell.output gave an undefined result, expected {}", wanted));
  if (output.rank() != 2 || output.size(0) != batch || (first.defined() && output.shape() != first.shape()))
    throw ShapeError(fmt::format("unroll: cell.output gave {}, expected {}", output.shape().str(), wanted));
  if (first.defined() && output.dtype() != first.dtype())
    throw DTypeError(fmt::format("unroll: cell.output gave {}, {} before", name(output.dtype()), name(first.dtype())));
}

Variable no_outputs(const Variable& output, const Variable& gates) {
  // The sum is 0; with it a loss of such a batch has a gradient, 0, like every other.
  return slice(unsqueeze(output, 1), 1, 0, 0) + sum(gates);
}

}  // namespace heed::nn::detail
