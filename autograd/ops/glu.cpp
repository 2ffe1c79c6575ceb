#include "heed/autograd/ops/glu.h"

#include <fmt/format.h>

#include "heed/autograd/ops/activation.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"

namespace heed {
namespace {

template <class Gate>
Variable gated(std::string_view op, const Variable& x, int axis, const Gate& gate) {
  check_defined(op, "x", x.value());
  if (!is_float(x.dtype())) throw_dtype(op, x.dtype(), "f32 or f64");
  const std::int64_t size = x.size(normalize_axis(op, axis, x.rank()));
  if (size % 2 != 0)
    throw ShapeError(fmt::format("{}: x {} axis {} = {}, expected an even size", op, x.shape().str(), axis, size));
  return slice(x, axis, 0, size / 2) * gate(slice(x, axis, size / 2, size));
}

}  // namespace

Variable glu(const Variable& x, int axis) {
  return gated("glu", x, axis, [](const Variable& b) { return sigmoid(b); });
}

Variable reglu(const Variable& x, int axis) {
  return gated("reglu", x, axis, [](const Variable& b) { return relu(b); });
}

Variable geglu(const Variable& x, int axis) {
  return gated("geglu", x, axis, [](const Variable& b) { return gelu(b); });
}

Variable swiglu(const Variable& x, int axis) {
  return gated("swiglu", x, axis, [](const Variable& b) { return silu(b); });
}

}  // namespace heed
