// P-29: a sequence model is an initial state, an update rule and an output rule. One loop runs a recurrent network,
// whose state is a vector, and self-attention, whose state is a list of keys and values that grows.
#include <fmt/format.h>

#include "examples/claims/all_claims.h"
#include "heed/autograd/record.h"
#include "heed/nn/attention/multi_head.h"
#include "heed/nn/rnn/rnn.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

constexpr std::int64_t width = 32, heads = 4;

// s_0 = 0, s_t = tanh(W·x_t + U·s_{t-1} + b), y_t = s_t
struct ElmanRules {
  using State = Variable;  // [1, width]

  State initial_state() const { return cell.initial_state(1); }
  State update(const State& state, const Variable& x) const { return cell.forward(x, state); }
  Variable output(const State& state, const Variable&) const { return cell.output(state); }

  const nn::RnnCell& cell;
};

// s_0 = (), s_t = s_{t-1} with the key and the value of x_t behind, y_t = what the query of x_t reads in s_t
struct AttentionRules {
  struct State {  // [1, heads, t, width/heads] each
    Variable keys, values;

    template <class F, class... States>
    static void for_each(F&& f, States&... states) {
      f(states.keys...);
      f(states.values...);
    }
  };

  State initial_state() const { return read(Variable(zeros({1, 0, width}))); }
  State update(const State& state, const Variable& x) const {
    const State more = read(unsqueeze(x, 1));
    return {concat({state.keys, more.keys}, 2), concat({state.values, more.values}, 2)};
  }
  Variable output(const State& state, const Variable& x) const {
    return squeeze(attention.forward({.query = unsqueeze(x, 1)}, {state.keys, state.values}).y, 1);
  }

  State read(const Variable& x) const {
    const nn::MultiHeadAttention::Memory memory = attention.project_keys(x);
    return {memory.key, memory.value};
  }

  const nn::MultiHeadAttention& attention;
};

// What the state keeps in memory, whatever part of it a view shows.
template <class State>
double bytes(const State& state) {
  double total = 0;
  nn::for_each_variable([&](const Variable& part) { total += static_cast<double>(part.value().storage()->bytes()); },
                        state);
  return total;
}

struct Steps {
  Tensor y;                  // [1, T, width]
  std::vector<double> held;  // bytes of the state after each step
};

// The loop: whatever the three rules are.
template <class Rules>
Steps run_sequence(const Rules& rules, const Variable& x) {
  auto state = rules.initial_state();
  Steps steps;
  std::vector<Tensor> outputs;
  for (std::int64_t t = 0; t < x.size(1); ++t) {
    const Variable token = select(x, 1, t);
    state = rules.update(state, token);
    outputs.push_back(rules.output(state, token).value());
    steps.held.push_back(bytes(state));
  }
  steps.y = stack(outputs, 1);
  return steps;
}

double largest_difference(const Tensor& a, const Tensor& b) { return max(abs(a - b)).item(); }

// How many steps t hold another number of bytes than expected(t).
template <class Expected>
double surprises(const Steps& steps, Expected expected) {
  double count = 0;
  for (std::size_t i = 0; i < steps.held.size(); ++i) count += steps.held[i] != expected(static_cast<double>(i + 1));
  return count;
}

nn::Series series(const std::string& name, const Steps& steps) {
  nn::Series line{name, {}};
  for (std::size_t i = 0; i < steps.held.size(); ++i)
    line.points.push_back({static_cast<double>(i + 1), steps.held[i]});
  return line;
}

ClaimResult run(const ClaimSettings& settings) {
  const std::int64_t tokens = 64;
  Generator weights = settings.generator(1), inputs = settings.generator(2);
  const nn::Rnn recurrent({.cell = {.input = width, .hidden = width}}, weights);
  const nn::MultiHeadAttention attention({.embed = width, .heads = heads}, weights);
  const NoGrad no_gradients;
  const Variable x(normal(inputs, {1, tokens, width}));
  const Steps vector = run_sequence(ElmanRules{recurrent.cells[0]}, x),
              list = run_sequence(AttentionRules{attention}, x);
  const double number = sizeof(float), last = static_cast<double>(tokens);
  return {.criteria = {exactly("Elman network, bytes of state after 64 tokens", vector.held.back(), width * number),
                       exactly("the same: tokens after which it has any other number",
                               surprises(vector, [&](double) { return width * number; }), 0),
                       exactly("self-attention, bytes of state after 64 tokens", list.held.back(),
                               last * 2 * width * number),
                       exactly("the same: tokens t after which it has another number than 256·t",
                               surprises(list, [&](double t) { return t * 2 * width * number; }), 0),
                       at_most("Elman network, largest difference from nn::Rnn",
                               largest_difference(vector.y, recurrent.forward({.x = x}).output.value()), 1e-6),
                       at_most("self-attention, largest difference from nn::MultiHeadAttention, causal",
                               largest_difference(list.y, attention.forward({.query = x, .causal = true}).y.value()),
                               1e-6)},
          .chart = nn::LineChart{.title = "What a sequence model remembers",
                                 .x_title = "tokens",
                                 .y_title = "bytes of state",
                                 .series = {series("Elman network", vector), series("self-attention", list)}}};
}

}  // namespace

Claim three_rules() {
  return {"P-29", "Every sequence model is an initial state, an update rule and an output rule", "Sun et al. 2024",
          run};
}

}  // namespace heed::examples
