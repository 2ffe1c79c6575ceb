// Recurrent with a cell of two Variables, written here: an LSTM. What holds for every cell is tested with Gru
// (gru.cpp).
#include "heed/nn/rnn/recurrent.h"

#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/rnn/gru.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;

namespace {

// Hochreiter and Schmidhuber 1997, with PyTorch's gate order: i, f, g, o.
struct LstmCell {
  static constexpr const char* name = "lstm";
  struct Config {
    std::int64_t input = 0, hidden = 0;
  };
  struct State {
    Variable h, c;
    template <class F, class... States>
    static void for_each(F&& f, States&... states) {
      f(states.h...);
      f(states.c...);
    }
  };

  LstmCell(const Config& c, const nn::ParameterSource& source)
      : weight_ih(source.make({{4 * c.hidden, c.input}, nn::ParameterKind::weight, DType::f64}, c.hidden)),
        weight_hh(source.make({{4 * c.hidden, c.hidden}, nn::ParameterKind::recurrent, DType::f64}, c.hidden)),
        hidden(c.hidden) {}

  State initial_state(std::int64_t batch) const {
    const Variable zero(zeros({batch, hidden}, DType::f64));
    return {zero, zero};
  }
  Variable gates(const Variable& x) const { return linear(x, weight_ih); }
  State step(const Variable& gates, const State& old) const {
    const std::vector<Variable> g = unstack(reshape(gates + linear(old.h, weight_hh), {gates.size(0), 4, hidden}), 1);
    const Variable c = sigmoid(g[1]) * old.c + sigmoid(g[0]) * tanh(g[2]);
    return {sigmoid(g[3]) * tanh(c), c};
  }
  State forward(const Variable& x, const State& old) const { return step(gates(x), old); }
  static Variable output(const State& state) { return state.h; }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight_ih", self.weight_ih);
    visitor("weight_hh", self.weight_hh);
  }

  nn::Parameter weight_ih, weight_hh;
  std::int64_t hidden;
};

using Lstm = nn::Recurrent<LstmCell>;
using Lengths = std::vector<std::int64_t>;

Lstm make(const Lstm::Config& config) {
  Generator generator(1);
  return Lstm(config, generator);
}

std::string far(const Tensor& got, const Tensor& wanted) {
  return test::difference(got, test::to_array(wanted), 1e-12 / std::numeric_limits<double>::epsilon(), 1);
}

}  // namespace

TEST_CASE("a state of two Variables: layers, directions and lengths are the cell's loop", "[nn][rnn]") {
  const Lstm lstm = make({.cell = {.input = 2, .hidden = 3}, .layers = 2, .bidirectional = true});
  test::Numbers numbers(1);
  const Lengths lengths{3, 1, 0};
  const Tensor x = numbers.uniform({3, 3, 2}), h = numbers.uniform({4, 3, 3}), c = numbers.uniform({4, 3, 3});
  const Lstm::Output read =
      lstm.forward({.x = Variable(x), .lengths = lengths, .initial_state = {Variable(h), Variable(c)}});
  REQUIRE(read.output.shape() == Shape{3, 3, 6});
  REQUIRE(read.final_state.c.shape() == Shape{4, 3, 3});
  for (std::int64_t b = 0; b < 3; ++b) {
    const std::int64_t length = lengths[to_size(b)];
    std::vector<Tensor> inputs;  // [1, I] each
    for (std::int64_t t = 0; t < length; ++t) inputs.push_back(select(slice(x, 0, b, b + 1), 1, t));
    for (std::int64_t layer = 0; layer < 2; ++layer) {
      std::vector<Tensor> outputs(to_size(length));
      for (std::int64_t direction = 0; direction < 2; ++direction) {
        const std::int64_t i = 2 * layer + direction;
        CAPTURE(b, i);
        const auto initial = [&](const Tensor& all) { return Variable(slice(select(all, 0, i), 0, b, b + 1)); };
        LstmCell::State state{initial(h), initial(c)};
        for (std::int64_t step = 0; step < length; ++step) {
          const std::size_t t = to_size(direction == 0 ? step : length - 1 - step);
          state = lstm.cells[to_size(i)].forward(Variable(inputs[t]), state);
          outputs[t] = direction == 0 ? state.h.value() : concat({outputs[t], state.h.value()}, -1);
        }
        const auto final_state = [&](const Variable& all) { return slice(select(all.value(), 0, i), 0, b, b + 1); };
        CHECK(far(final_state(read.final_state.h), state.h.value()) == "");
        CHECK(far(final_state(read.final_state.c), state.c.value()) == "");
      }
      inputs = outputs;
    }
    for (std::int64_t t = 0; t < 3; ++t)
      CHECK(far(select(slice(read.output.value(), 0, b, b + 1), 1, t),
                t < length ? inputs[to_size(t)] : zeros({1, 6}, DType::f64)) == "");
  }
}

TEST_CASE("a state of two Variables passes gradcheck", "[nn][rnn]") {
  const Lstm lstm = make({.cell = {.input = 2, .hidden = 2}, .layers = 2, .bidirectional = true});
  test::Numbers numbers(2);
  const auto read = [](const Lstm& probe, std::span<const Variable> inputs) {
    const Lstm::Output out =
        probe.forward({.x = inputs[0], .lengths = {2, 1}, .initial_state = {inputs[1], inputs[2]}});
    return concat({reshape(out.output, {-1}), reshape(out.final_state.h, {-1}), reshape(out.final_state.c, {-1})}, 0);
  };
  CHECK(test::module_gradcheck(
            lstm, {numbers.uniform({2, 3, 2}), numbers.uniform({4, 2, 2}), numbers.uniform({4, 2, 2})}, read) == "");
}

TEST_CASE("what is not given of an initial state starts as the cell says", "[nn][rnn]") {
  const Lstm lstm = make({.cell = {.input = 2, .hidden = 3}});
  test::Numbers numbers(3);
  const Variable x(numbers.uniform({2, 3, 2})), h(numbers.uniform({1, 2, 3})), none(zeros({1, 2, 3}, DType::f64));
  const auto output = [&](const LstmCell::State& state) {
    return lstm.forward({.x = x, .initial_state = state}).output.value();
  };
  CHECK(test::same_bits(output({}), output({none, none})));
  CHECK(test::same_bits(output({h, {}}), output({h, none})));
  CHECK(test::same_bits(output({{}, h}), output({none, h})));
  CHECK(test::refused<ShapeError>([&] { output({h, Variable(zeros({1, 2, 4}, DType::f64))}); }) ==
        "lstm: initial state is [1, 2, 4], expected [1, 2, 3]");
}

TEST_CASE("a layer's parameters are its cells', with PyTorch's endings", "[nn][rnn]") {
  const Lstm lstm = make({.cell = {.input = 2, .hidden = 3}, .layers = 2, .bidirectional = true});
  std::vector<std::string> names;
  for (const auto& [name, value] : nn::state_dict(lstm)) names.push_back(name);
  CHECK(names == std::vector<std::string>{"weight_hh_l0", "weight_hh_l0_reverse", "weight_hh_l1",
                                          "weight_hh_l1_reverse", "weight_ih_l0", "weight_ih_l0_reverse",
                                          "weight_ih_l1", "weight_ih_l1_reverse"});
  CHECK(lstm.cells[3].weight_ih.shape() == Shape{12, 6});
}

TEST_CASE("states are selected and reordered row by row", "[nn][rnn]") {
  const auto of = [](std::initializer_list<double> numbers) { return Variable(tensor(numbers, {3, 1}, DType::f64)); };
  const LstmCell::State fresh{of({1, 2, 3}), of({4, 5, 6})}, old{of({-1, -2, -3}), of({-4, -5, -6})};
  const auto numbers = [](const Variable& x) { return test::to_array(x.value()).numbers; };
  const LstmCell::State selected = nn::select_state(tensor({1, 0, 1}, {3, 1}, DType::boolean), fresh, old);
  CHECK(numbers(selected.h) == std::vector<double>{1, -2, 3});
  CHECK(numbers(selected.c) == std::vector<double>{4, -5, 6});
  const LstmCell::State reordered = nn::reorder_state(fresh, tensor({2, 2, 0, 1}, {4}, DType::i64));
  CHECK(numbers(reordered.h) == std::vector<double>{3, 3, 1, 2});
  CHECK(numbers(reordered.c) == std::vector<double>{6, 6, 4, 5});
  const LstmCell::State stacked = nn::stack_states<LstmCell::State>({fresh, old});
  CHECK(stacked.c.shape() == Shape{2, 3, 1});
  CHECK(numbers(nn::unstack_state(stacked, 1, {}).c) == std::vector<double>{-4, -5, -6});
}
