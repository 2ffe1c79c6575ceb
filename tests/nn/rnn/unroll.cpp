// The loop over time, seen with cells that count: which token is read when, and where it stops.
#include "heed/nn/rnn/unroll.h"

#include <limits>

#include "heed/autograd/backward.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;

namespace {

// State: the tokens read so far as the digits of a number, and how many they were.
struct DigitCell {
  struct State {
    Variable digits, count;
    template <class F, class... States>
    static void for_each(F&& f, States&... states) {
      f(states.digits...);
      f(states.count...);
    }
  };
  Variable gates(const Variable& x) const { return x; }
  State step(const Variable& gates, const State& old) const { return {old.digits * 10.0 + gates, old.count + 1.0}; }
  static Variable output(const State& state) { return state.digits; }
};

using Lengths = std::vector<std::int64_t>;
using Numbers = std::vector<double>;

nn::Unrolled<DigitCell::State> read(const Lengths& lengths, bool backwards, double start = 0) {
  const Variable x(tensor({1, 2, 3, 4, 5, 6, 7, 8, 9}, {3, 3, 1}, DType::f64));
  const Variable initial(full({3, 1}, start, DType::f64));
  return nn::unroll(DigitCell(), x, {initial, Variable(zeros({3, 1}, DType::f64))}, {lengths, backwards});
}

Numbers numbers(const Variable& x) { return test::to_array(x.value()).numbers; }

}  // namespace

TEST_CASE("unroll reads every example to its end", "[nn][rnn]") {
  const auto forwards = read({}, false);
  CHECK(forwards.output.shape() == Shape{3, 3, 1});
  CHECK(numbers(forwards.output) == Numbers{1, 12, 123, 4, 45, 456, 7, 78, 789});
  CHECK(numbers(forwards.final_state.digits) == Numbers{123, 456, 789});
  CHECK(numbers(forwards.final_state.count) == Numbers{3, 3, 3});

  const auto backwards = read({}, true);
  CHECK(numbers(backwards.output) == Numbers{321, 32, 3, 654, 65, 6, 987, 98, 9});
  CHECK(numbers(backwards.final_state.digits) == Numbers{321, 654, 987});
}

TEST_CASE("unroll stops at an example's length and starts there going backwards", "[nn][rnn]") {
  const auto forwards = read({2, 0, 1}, false, 5);
  CHECK(numbers(forwards.output) == Numbers{51, 512, 0, 0, 0, 0, 57, 0, 0});
  CHECK(numbers(forwards.final_state.digits) == Numbers{512, 5, 57});
  CHECK(numbers(forwards.final_state.count) == Numbers{2, 0, 1});

  const auto backwards = read({2, 0, 1}, true, 5);
  CHECK(numbers(backwards.output) == Numbers{521, 52, 0, 0, 0, 0, 57, 0, 0});
  CHECK(numbers(backwards.final_state.digits) == Numbers{521, 5, 57});
  CHECK(numbers(backwards.final_state.count) == Numbers{2, 0, 1});
}

TEST_CASE("full lengths are the same as none", "[nn][rnn]") {
  for (bool backwards : {false, true})
    CHECK(numbers(read({3, 3, 3}, backwards).output) == numbers(read({}, backwards).output));
}

TEST_CASE("no time at all gives an empty output and the initial state", "[nn][rnn]") {
  for (const Lengths& lengths : {Lengths{}, Lengths{0, 0, 0}}) {
    const Variable x(zeros({3, 0, 1}, DType::f64)), initial(full({3, 1}, 7, DType::f64));
    const auto read = nn::unroll(DigitCell(), x, {initial, initial}, {lengths, GENERATE(false, true)});
    CHECK(read.output.shape() == Shape{3, 0, 1});
    CHECK(read.output.dtype() == DType::f64);
    CHECK(numbers(read.final_state.digits) == Numbers{7, 7, 7});
  }
}

namespace {

// What each function of the cell gives is a setting.
struct ArbitraryCell {
  using State = Variable;
  Variable gates_, output_, later_output_;
  mutable int outputs = 0;
  const Variable& gates(const Variable&) const { return gates_; }
  static State step(const Variable&, const State& old) { return old; }
  const Variable& output(const State&) const { return outputs++ == 0 ? output_ : later_output_; }
};

}  // namespace

TEST_CASE("what a cell gives is checked", "[nn][rnn]") {
  const auto of = [](const Shape& shape, DType dtype = DType::f32) { return Variable(zeros(shape, dtype)); };
  const auto run = [&](const ArbitraryCell& cell, const Lengths& lengths = {}, const Shape& x = {4, 3, 2}) {
    (void)nn::unroll(cell, of(x), of({4, 5}), {lengths, false});
  };
  const Variable gates = of({4, 3, 6}), output = of({4, 5});
  CHECK_NOTHROW(run({gates, output, output}));
  CHECK(test::refused<ShapeError>([&] { run({of({4, 2, 6}), output, output}); }) ==
        "unroll: T differs: x axis -2 = 3, cell.gates(x) axis -2 = 2: x [4, 3, 2], cell.gates(x) [4, 2, 6]; expected "
        "[B, T, I], [B, T, G]");
  CHECK(test::refused<ShapeError>([&] { run({of({1, 3, 6}), output, output}); }) ==
        "unroll: B differs: x axis -3 = 4, cell.gates(x) axis -3 = 1: x [4, 3, 2], cell.gates(x) [1, 3, 6]; expected "
        "[B, T, I], [B, T, G]");
  CHECK(test::refused<ShapeError>([&] { run({{}, output, output}); }) ==
        "unroll: cell.gates(x) is undefined; expected [B, T, G]");
  CHECK(test::refused<ShapeError>([&] { run({gates, of({1, 5}), output}); }) ==
        "unroll: B differs: x axis -3 = 4, cell.output(state) axis -2 = 1: x [4, 3, 2], cell.output(state) [1, 5]; "
        "expected [B, T, I], [B, H]");
  CHECK(
      test::refused<ShapeError>([&] { run({gates, output, of({4, 6})}); }) ==
      "unroll: H differs: the first output axis -1 = 5, cell.output(state) axis -1 = 6: x [4, 3, 2], the first output "
      "[4, 5], cell.output(state) [4, 6]; expected [B, T, I], [B, H], [B, H]");
  CHECK(test::refused<ShapeError>([&] { run({gates, output, {}}); }) ==
        "unroll: cell.output(state) is undefined; expected [B, H]");
  CHECK(test::refused<ShapeError>([&] { run({gates, of({1, 5}), output}, {0, 1, 2, 0}); }) ==
        "unroll: B differs: x axis -3 = 4, cell.output(state) axis -2 = 1: x [4, 3, 2], cell.output(state) [1, 5]; "
        "expected [B, T, I], [B, H]");
  CHECK(test::refused<DTypeError>([&] { run({gates, output, of({4, 5}, DType::f64)}); }) ==
        "unroll: cell.output gave f64, f32 before");
  CHECK(test::refused<ShapeError>([&] { run({gates, output, output}, {1}); }) == "unroll: 1 lengths for a batch of 4");
  CHECK(test::refused<ShapeError>([&] { run({gates, output, output}, {}, {4, 3}); }) ==
        "unroll: x has rank 2, expected 3: x [4, 3], cell.gates(x) [4, 3, 6]; expected [B, T, I], [B, T, G]");
}
