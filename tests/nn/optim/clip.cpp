// Clipping: one norm over all gradients, what may not be scaled is not; and number by number.
#include "heed/nn/optim/clip.h"

#include <cmath>
#include <limits>

#include "heed/nn/optim/sgd.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/failing_allocations.h"
#include "support/layouts.h"
#include "support/refused.h"

using namespace heed;
using nn::clip_grad_norm;

namespace {

Variable with_gradient(const Tensor& gradient) {
  const Variable x(zeros(gradient.shape(), gradient.dtype()), true);
  x.set_grad(gradient);
  return x;
}

Tensor f64(std::initializer_list<double> numbers, const Shape& shape) { return tensor(numbers, shape, DType::f64); }

}  // namespace

TEST_CASE("clip_grad_norm scales all gradients by one factor", "[nn][optim]") {
  const Variable a = with_gradient(f64({3, -4}, {2})), b = with_gradient(f64({12}, {})), none(f64({1}, {1}), true);
  CHECK(clip_grad_norm({a, none, b}, 6.5) == 13);
  CHECK(test::same_bits(a.grad(), f64({1.5, -2}, {2})));
  CHECK(test::same_bits(b.grad(), f64({6}, {})));
  CHECK(!none.grad().defined());
  CHECK(clip_grad_norm({a, none, b}, 100) == 6.5);
}

TEST_CASE("clip_grad_norm leaves short gradients alone", "[nn][optim]") {
  const Tensor gradient = f64({3, 4}, {2});
  const std::size_t before = test::fingerprint(gradient);
  const Variable a = with_gradient(gradient);
  CHECK(clip_grad_norm({a}, 5) == 5);
  CHECK(a.grad().storage().get() == gradient.storage().get());
  CHECK(test::fingerprint(gradient) == before);
  CHECK(clip_grad_norm({}, 1) == 0);
}

TEST_CASE("clip_grad_norm scales a gradient of two parameters once for each", "[nn][optim]") {
  const Tensor shared = f64({3, 4}, {2});
  const std::size_t before = test::fingerprint(shared);
  const Variable a = with_gradient(shared), b = with_gradient(shared);
  CHECK(clip_grad_norm({a, b}, 1) == Approx(std::sqrt(50.0)).epsilon(1e-15));
  CHECK(test::fingerprint(shared) == before);
  CHECK(test::same_bits(a.grad(), b.grad()));
  CHECK(clip_grad_norm({a, b}, 2) == Approx(1).epsilon(1e-15));
}

TEST_CASE("clip_grad_norm returns a NaN or infinite norm and scales nothing", "[nn][optim]") {
  const double bad = GENERATE(std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                              -std::numeric_limits<double>::infinity());
  const Variable a = with_gradient(f64({3, bad}, {2})), b = with_gradient(f64({400}, {1}));
  const double norm = clip_grad_norm({b, a}, 1);
  CHECK(std::isnan(norm) == std::isnan(bad));
  CHECK(!std::isfinite(norm));
  CHECK(test::same_bits(a.grad(), f64({3, bad}, {2})));
  CHECK(b.grad().item() == 400);
}

TEST_CASE("clip_grad_norm takes norms whose square f32 cannot hold, and any layout", "[nn][optim]") {
  const Variable large = with_gradient(tensor({3e30, 4e30}, {2}));
  CHECK(clip_grad_norm({large}, 1) == Approx(5e30).epsilon(1e-6));
  CHECK(test::to_array(large.grad()).numbers[1] == Approx(0.8).epsilon(1e-6));

  const Tensor gradient = f64({1, 2, 2, 4}, {2, 2});
  for (test::Layout layout : test::all_layouts) {
    const Variable x = with_gradient(test::laid_out(gradient, layout));
    CHECK(clip_grad_norm({x}, 2.5) == 5);
    CHECK(test::same_bits(x.grad(), f64({0.5, 1, 1, 2}, {2, 2})));
  }
}

TEST_CASE("clip_grad_norm takes gradients whose squares f64 cannot hold", "[nn][optim]") {
  for (double scale : {1e160, 1e300, 1e-170, 1e-310}) {
    const Variable a = with_gradient(f64({3 * scale}, {1})), b = with_gradient(f64({-4 * scale}, {}));
    const double limit = scale > 1 ? 5 : 5 * scale / 4;
    CHECK(clip_grad_norm({a, b}, limit) == Approx(5 * scale).epsilon(1e-14));
    CHECK(a.grad().item() == Approx(limit * 3 / 5).epsilon(1e-14));
    CHECK(b.grad().item() == Approx(limit * -4 / 5).epsilon(1e-14));
  }
}

TEST_CASE("clip_grad_norm scales by factors that the dtype cannot hold", "[nn][optim]") {
  const Variable narrow = with_gradient(tensor({3e37, -4e37, 1}, {3}));
  CHECK(clip_grad_norm({narrow}, 1e-3) == Approx(5e37).epsilon(1e-6));
  CHECK(test::to_array(narrow.grad()).numbers[0] == Approx(6e-4).epsilon(1e-6));
  CHECK(test::to_array(narrow.grad()).numbers[1] == Approx(-8e-4).epsilon(1e-6));
  const Variable wide = with_gradient(f64({3e307, -4e307}, {2}));
  CHECK(clip_grad_norm({wide}, 5e-5) == Approx(5e307).epsilon(1e-14));
  CHECK(test::to_array(wide.grad()).numbers[1] == Approx(-4e-5).epsilon(1e-14));
}

TEST_CASE("clip_grad_norm refuses a limit that is no norm", "[nn][optim]") {
  const Variable a = with_gradient(f64({3, 4}, {2}));
  CHECK(test::refused<Error>([&] { clip_grad_norm({a}, -1); }) == "clip_grad_norm: limit -1 is not a norm");
  CHECK_THROWS_AS(clip_grad_norm({a}, std::numeric_limits<double>::quiet_NaN()), Error);
  CHECK(test::same_bits(a.grad(), f64({3, 4}, {2})));
  CHECK(clip_grad_norm({a}, std::numeric_limits<double>::infinity()) == 5);
  CHECK(clip_grad_norm({a}, 0) == 5);
  CHECK(test::same_bits(a.grad(), f64({0, 0}, {2})));
}

TEST_CASE("clip_grad_norm refuses a leaf that is there twice, and what is no leaf", "[nn][optim]") {
  const Variable a = with_gradient(f64({3}, {1})), b = with_gradient(f64({4}, {1}));
  CHECK(test::refused<GradError>([&] { clip_grad_norm({a, b, a}, 1); }) ==
        "clip_grad_norm: parameters 0 and 2 are the same leaf, shape [1]");
  CHECK(test::refused<GradError>([&] { clip_grad_norm({b, a.detach()}, 1); }) ==
        "clip_grad_norm: parameter 1 is not a leaf");
  CHECK(a.grad().item() == 3);
  CHECK(b.grad().item() == 4);
}

TEST_CASE("the gradients of several groups are clipped together (trap O4)", "[nn][optim]") {
  const Variable a = with_gradient(f64({3}, {1})), b = with_gradient(f64({4}, {1}));
  const nn::Sgd sgd({{{a}, {.learning_rate = 1}}, {{b}, {.learning_rate = 2}}});
  CHECK(clip_grad_norm(sgd.parameters(), 1) == 5);
  CHECK(a.grad().item() == Approx(.6).epsilon(1e-6));
  CHECK(b.grad().item() == Approx(.8).epsilon(1e-6));
  const Tensor before = a.grad();
  clip_grad_norm(sgd.parameters(), 1.5);
  CHECK(test::same_bits(a.grad(), before));
}

TEST_CASE("clip_grad_value limits every number", "[nn][optim]") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  const Tensor gradient = f64({3, -4, 0.5, -0.25, infinity, nan}, {2, 3});
  const std::size_t before = test::fingerprint(gradient);
  for (test::Layout layout : test::all_layouts) {
    const Variable x = with_gradient(test::laid_out(gradient, layout)), none(f64({1}, {1}), true);
    nn::clip_grad_value({x, none}, 1);
    CHECK(test::same_bits(x.grad(), f64({1, -1, 0.5, -0.25, 1, nan}, {2, 3})));
    CHECK(!none.grad().defined());
  }
  CHECK(test::fingerprint(gradient) == before);
  const Variable narrow = with_gradient(tensor({3, -4}, {2}));
  nn::clip_grad_value({narrow}, 0);
  CHECK(test::to_array(narrow.grad()).numbers == std::vector<double>{0, 0});
}

TEST_CASE("clip_grad_value refuses a negative limit, repeated leaves and what is no leaf", "[nn][optim]") {
  const Variable a = with_gradient(f64({3}, {1})), b = with_gradient(f64({4}, {1}));
  CHECK(test::refused<Error>([&] { nn::clip_grad_value({a}, -1); }) == "clip_grad_value: limit -1 is not 0 or more");
  CHECK_THROWS_AS(nn::clip_grad_value({a}, std::numeric_limits<double>::quiet_NaN()), Error);
  CHECK(test::refused<GradError>([&] { nn::clip_grad_value({a, b, a}, 1); }) ==
        "clip_grad_value: parameters 0 and 2 are the same leaf, shape [1]");
  CHECK_THROWS_AS(nn::clip_grad_value({b, a.detach()}, 1), GradError);
  CHECK(a.grad().item() == 3);
  CHECK(b.grad().item() == 4);
}

#ifndef HEED_PLAIN_MALLOC
TEST_CASE("gradients that cannot all be clipped for want of memory stay as they are", "[nn][optim]") {
  const std::vector<double (*)(const std::vector<Variable>&, double)> clips{
      nn::clip_grad_norm, [](const std::vector<Variable>& parameters, double limit) {
        nn::clip_grad_value(parameters, limit);
        return limit;
      }};
  for (const auto clip : clips)
    for (int n = 1;; ++n) {
      const Tensor first = f64({3, -4}, {2}), second = f64({12, 5}, {2});
      const std::vector<Variable> parameters{with_gradient(first), with_gradient(second)};
      bool threw = false;
      {
        const test::FailingAllocation failing(n, test::Shortage::once);
        try {
          clip(parameters, 1);
        } catch (const MemoryError&) {
          threw = true;
        } catch (const std::bad_alloc&) {
          threw = true;
        }
      }
      CAPTURE(n);
      CHECK(test::same_bits(parameters[0].grad(), first) == threw);
      CHECK(test::same_bits(parameters[1].grad(), second) == threw);
      if (threw) continue;
      CHECK(n > 5);
      break;
    }
}
#endif
