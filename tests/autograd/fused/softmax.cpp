// The gradient of softmax against loops in double, for any layout, mask and axis, whatever arrives where nothing
// weighs.
#include "heed/autograd/fused/softmax.h"

#include <limits>

#include "heed/autograd/backward.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/strided.h"
#include "support/thread_count.h"

using namespace heed;
using test::Array;
using test::Numbers;

namespace {

// dx = y∘(dy - Σ y∘dy) along the last axis; what arrives where y is 0 is not looked at.
Array backward_by_loops(const Tensor& y, const Tensor& dy) {
  const Array weights = test::to_array(y), incoming = test::to_array(dy);
  const auto n = static_cast<std::size_t>(y.size(-1));
  Array dx(y.shape());
  for (std::size_t first = 0; n > 0 && first < weights.numbers.size(); first += n) {
    double dot = 0;
    for (std::size_t i = first; i < first + n; ++i)
      if (weights.numbers[i] != 0) dot += weights.numbers[i] * incoming.numbers[i];
    for (std::size_t i = first; i < first + n; ++i)
      if (weights.numbers[i] != 0) dx.numbers[i] = weights.numbers[i] * (incoming.numbers[i] - dot);
  }
  return dx;
}

}  // namespace

TEST_CASE("the gradient of softmax", "[autograd][softmax]") {
  Numbers random(143);
  for (int trial = 0; trial < 400; ++trial)
    for (DType dtype : {DType::f32, DType::f64}) {
      Shape shape = test::random_shape(random, 1 + static_cast<int>(random.uniform_int(4)), 4);
      if (random.uniform_int(2) == 0) shape[shape.rank() - 1] = random.uniform_int(70);
      const int axis = trial % 2 == 0 ? -1 : static_cast<int>(random.uniform_int(shape.rank()));
      const auto last = [&](const Tensor& t) { return transpose(t, axis, -1); };
      const Variable x(test::random_view(random, shape, dtype), true);
      const Variable recorded = softmax(x, axis, test::random_view(random, shape, DType::boolean));
      const Tensor &y = recorded.value(), dy = test::random_view(random, shape, dtype);
      const auto backward = [&](const Tensor& gradient) {
        return gradients(recorded, {x}, gradient, {.retain_graph = true})[0];
      };
      INFO(name(dtype) << " " << shape.str() << " axis " << axis << ", trial " << trial);
      const Array wanted = backward_by_loops(last(y), last(dy));
      CHECK(test::difference(last(backward(dy)), wanted, 16, 1) == "");
      CHECK(test::same_bits(backward(dy), backward(dy.clone())));
      const Tensor nan = full({}, std::numeric_limits<double>::quiet_NaN(), dtype);
      const Tensor poisoned = where(equal(y, scalar_like(y, 0)), nan, dy);  // where nothing weighs
      CHECK(test::difference(last(backward(poisoned)), wanted, 16, 1) == "");
    }
}

TEST_CASE("the gradient of softmax has the same bits for any number of threads", "[autograd][softmax]") {
  const Variable x(to(Numbers(144).uniform({400, 101}), DType::f32), true);
  for (const int axis : {0, 1}) {
    Tensor first;
    for (int count : {1, 2, 3, 8}) {
      const test::ThreadCount threads(count);
      const Tensor dx = gradients(softmax(x, axis), {x}, x.value() * 3)[0];
      if (!first.defined()) first = dx;
      CHECK(test::same_bits(first, dx));
    }
  }
}
