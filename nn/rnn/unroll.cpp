#include "heed/nn/rnn/unroll.h"

#include <fmt/format.h>

#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/check_shapes.h"

namespace heed::nn::detail {

void check_gates(const Variable& x, const Variable& gates) {
  check_shapes("unroll", {{"x", x.value(), "B T I"}, {"cell.gates(x)", gates.value(), "B T G"}});
}

void check_output(const Variable& x, const Variable& output, const Variable& first) {
  check_shapes("unroll", {{"x", x.value(), "B T I"},
                          {"the first output", first.value(), "B H", true},
                          {"cell.output(state)", output.value(), "B H"}});
  if (first.defined() && output.dtype() != first.dtype())
    throw DTypeError(fmt::format("unroll: cell.output gave {}, {} before", name(output.dtype()), name(first.dtype())));
}

Variable no_outputs(const Variable& output, const Variable& gates) {
  // The sum is 0; with it a loss of such a batch has a gradient, 0, like every other.
  return slice(unsqueeze(output, 1), 1, 0, 0) + sum(gates);
}

}  // namespace heed::nn::detail
