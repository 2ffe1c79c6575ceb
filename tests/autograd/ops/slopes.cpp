// The derivative that one kernel computes has the bits of its definition in operations, recorded for gradients of
// gradients: at every number, of any layout, with every instruction set that a run of the tests uses.
#include <array>
#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/activation.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/random/random.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;

namespace {

struct Function {
  const char* name;
  Variable (*f)(const Variable& x);
};

constexpr std::array<Function, 8> functions = {
    {{"relu", [](const Variable& x) { return relu(x); }},
     {"leaky_relu", [](const Variable& x) { return leaky_relu(x, 0.3); }},
     {"tanh", [](const Variable& x) { return tanh(x); }},
     {"sigmoid", [](const Variable& x) { return sigmoid(x); }},
     {"gelu", [](const Variable& x) { return gelu(x); }},
     {"gelu by tanh", [](const Variable& x) { return gelu(x, Approximate::tanh); }},
     {"silu", [](const Variable& x) { return silu(x); }},
     {"softplus", [](const Variable& x) { return softplus(x); }}}};

// Numbers of every size, and those at which something changes.
Tensor ugly(DType dtype) {
  Generator generator(1);
  Tensor x = normal(generator, {40, 61}, 0, 1, dtype);
  x = concat({x, x * 30.0, x * 1e-3, x * 1e4, x * 1e-30}, 0);
  const double edges[] = {0.0, -0.0, 1, -1, 1000, -1000, 1000.5, 1e30, -1e30, HUGE_VAL, -HUGE_VAL, std::nan(""), 1e-40};
  return concat({x, expand(reshape(to(tensor(edges, {13}), dtype), {13, 1}), {13, 61})}, 0);
}

}  // namespace

TEST_CASE("a slope's kernel and its definition have the same bits", "[ops][slopes]") {
  for (const Function& function : functions)
    for (const DType dtype : {DType::f32, DType::f64}) {
      const Tensor numbers = ugly(dtype);
      for (const bool strided : {false, true}) {
        CAPTURE(function.name, dtype, strided);
        const Variable x(strided ? transpose(numbers, 0, 1) : numbers, true);
        Generator generator(2);
        const Tensor dy = normal(generator, x.shape(), 0, 1, dtype);
        const Tensor fast = gradients(function.f(x), {x}, dy)[0];
        const Variable slow = recorded_gradients(function.f(x), {x}, Variable(dy))[0];
        CHECK(test::same_bits(fast, slow.value()));
      }
    }
}
