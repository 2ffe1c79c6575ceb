// The loop over time, seen with cells that count: which token is read when, and where it stops.
#include "heed/nn/rnn/unroll.h"

#include <limits>

#include "heed/autograd/backward.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;

namespace {

// State: the tokens read so far as the digits of a number, and how many they were.
struct DigitCell {
  struct State {
    Variable digits, count;
  };
  Variable gates(const Variable& x) const { return x; }
  State step(const Variable& gates, const State& old) const { return {old.digits * 10.0 + gates, old.count + 1.0}; }
  static Variable output(const State& state) { return state.digits; }
  static State keep(const Tensor& alive, const State& fresh, const State& old) {
    return {where(alive, fresh.digits, old.digits), where(alive, fresh.count, old.count)};
  }
};

using Lengths = std::vector<std::int64_t>;
using Numbers = std::vector<double>;

nn::Unrolled<DigitCell::State> read(const Lengths& lengths, bool backwards, double start = 0) {
  const Variable x(tensor({1, 2, 3, 4, 5, 6, 7, 8, 9}, {3, 3, 1}, DType::f64));
  const Variable initial(full({3, 1}, start, DType::f64));
  return nn::unroll(DigitCell(), x, lengths, {initial, Variable(zeros({3, 1}, DType::f64))}, backwards);
}

Numbers numbers(const Variable& x) { return test::to_array(x.value()).numbers; }

}  // namespace

TEST_CASE("unroll reads every example to its end", "[nn][rnn]") {
  const auto forwards = read({}, false);
  CHECK(forwards.output.shape() == Shape{3, 3, 1});
  CHECK(numbers(forwards.output) == Numbers{1, 12, 123, 4, 45, 456, 7, 78, 789});
  CHECK(numbers(forwards.last.digits) == Numbers{123, 456, 789});
  CHECK(numbers(forwards.last.count) == Numbers{3, 3, 3});

  const auto backwards = read({}, true);
  CHECK(numbers(backwards.output) == Numbers{321, 32, 3, 654, 65, 6, 987, 98, 9});
  CHECK(numbers(backwards.last.digits) == Numbers{321, 654, 987});
}

TEST_CASE("unroll stops at an example's length and starts there going backwards", "[nn][rnn]") {
  const auto forwards = read({2, 0, 1}, false, 5);
  CHECK(numbers(forwards.output) == Numbers{51, 512, 0, 0, 0, 0, 57, 0, 0});
  CHECK(numbers(forwards.last.digits) == Numbers{512, 5, 57});
  CHECK(numbers(forwards.last.count) == Numbers{2, 0, 1});

  const auto backwards = read({2, 0, 1}, true, 5);
  CHECK(numbers(backwards.output) == Numbers{521, 52, 0, 0, 0, 0, 57, 0, 0});
  CHECK(numbers(backwards.last.digits) == Numbers{521, 5, 57});
  CHECK(numbers(backwards.last.count) == Numbers{2, 0, 1});
}

TEST_CASE("full lengths are the same as none", "[nn][rnn]") {
  for (bool backwards : {false, true})
    CHECK(numbers(read({3, 3, 3}, backwards).output) == numbers(read({}, backwards).output));
}

TEST_CASE("alive_at is true before the length", "[nn][rnn]") {
  const Lengths lengths{2, 0, 1};
  CHECK(test::same_bits(nn::alive_at(lengths, 0), tensor({1, 0, 1}, {3, 1}, DType::b8)));
  CHECK(test::same_bits(nn::alive_at(lengths, 1), tensor({1, 0, 0}, {3, 1}, DType::b8)));
  CHECK(test::same_bits(nn::alive_at(lengths, 2), tensor({0, 0, 0}, {3, 1}, DType::b8)));
}

TEST_CASE("hide_padding puts 0 beyond each length and stops the gradient there", "[nn][rnn]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Variable x(tensor({1, 2, 3, nan, 5, 6, nan, nan, nan, nan, nan, nan}, {3, 2, 2}, DType::f64), true);
  CHECK(nn::hide_padding(x, {}).node().get() == x.node().get());
  CHECK(nn::hide_padding(x, Lengths{2, 2, 2}).node().get() == x.node().get());
  const Variable hidden = nn::hide_padding(x, Lengths{1, 1, 0});
  CHECK(numbers(hidden) == Numbers{1, 2, 0, 0, 5, 6, 0, 0, 0, 0, 0, 0});
  backward(hidden, ones({3, 2, 2}, DType::f64));
  CHECK(numbers(Variable(x.grad())) == Numbers{1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("require_lengths wants one length in range for each example", "[nn][rnn]") {
  const auto check = [](const Lengths& lengths) { nn::require_lengths("layer", lengths, 3, 4); };
  CHECK_NOTHROW(check({0, 4, 2}));
  CHECK_THROWS_AS(check({1, 2}), ShapeError);
  CHECK_THROWS_AS(check({1, 2, 3, 4}), ShapeError);
  CHECK_THROWS_AS(check({1, 2, 5}), ShapeError);
  CHECK_THROWS_AS(check({1, -1, 2}), ShapeError);
}
