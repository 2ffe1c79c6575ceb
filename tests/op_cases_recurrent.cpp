// Rows of the recurrent operations over whole sequences: rnn, lstm, gru. Their outputs are compared end to end, as one
// row of numbers.
#include <cmath>

#include "heed/autograd/fused/gru.h"
#include "heed/autograd/fused/lstm.h"
#include "heed/autograd/fused/rnn.h"
#include "heed/autograd/ops/movement.h"
#include "heed/tensor/create.h"
#include "op_cases.h"

namespace heed::test {
namespace {

using Row = std::vector<double>;

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

Tensor f64(const Shape& shape) { return zeros(shape, DType::f64); }

Variable joined(std::span<const Variable> outputs) {
  std::vector<Variable> rows;
  for (const Variable& output : outputs) rows.push_back(reshape(output, {output.value().numel()}));
  return concat(rows, 0);
}

// weight [G·H, H] times a state, and a bias.
Row product(const Array& weight, const Array* bias, const Row& state) {
  Row result;
  for (std::int64_t row = 0; row < weight.shape[0]; ++row) {
    double total = bias ? (*bias)[{row}] : 0;
    for (std::size_t k = 0; k < state.size(); ++k) total += weight[{row, static_cast<std::int64_t>(k)}] * state[k];
    result.push_back(total);
  }
  return result;
}

using States = std::vector<Row>;  // of one example; the first is the output
using Step = std::function<States(const Row& x, const States& states)>;

// Reads every example to its end; the outputs [B, T, H], then the final states [B, H].
Array recurrence(const Array& gates, std::vector<const Array*> initial, const SequenceOrder& order, const Step& step) {
  const std::int64_t batch = gates.shape[0], steps = gates.shape[1], hidden = initial[0]->shape[1];
  Array outputs({batch, steps, hidden});
  std::vector<Array> finals(initial.size(), Array({batch, hidden}));
  for (std::int64_t b = 0; b < batch; ++b) {
    States states(initial.size());
    for (std::size_t s = 0; s < states.size(); ++s)
      for (std::int64_t k = 0; k < hidden; ++k) states[s].push_back((*initial[s])[{b, k}]);
    const std::int64_t length = order.lengths.empty() ? steps : order.lengths[static_cast<std::size_t>(b)];
    for (std::int64_t i = 0; i < length; ++i) {
      const std::int64_t t = order.reverse ? length - 1 - i : i;
      Row x;
      for (std::int64_t g = 0; g < gates.shape[2]; ++g) x.push_back(gates[{b, t, g}]);
      states = step(x, states);
      for (std::int64_t k = 0; k < hidden; ++k) outputs[{b, t, k}] = states[0][static_cast<std::size_t>(k)];
    }
    for (std::size_t s = 0; s < states.size(); ++s)
      for (std::int64_t k = 0; k < hidden; ++k) finals[s][{b, k}] = states[s][static_cast<std::size_t>(k)];
  }
  std::vector<double> all = outputs.numbers;
  for (const Array& final : finals) all.insert(all.end(), final.numbers.begin(), final.numbers.end());
  Array result({static_cast<std::int64_t>(all.size())});
  result.numbers = all;
  return result;
}

Array rnn_reference(const Arrays& v, RnnActivation f, const SequenceOrder& order) {
  return recurrence(v[0], {&v[1]}, order, [&](const Row& x, const States& states) -> States {
    Row a = product(v[2], nullptr, states[0]);
    for (std::size_t k = 0; k < a.size(); ++k)
      a[k] = f == RnnActivation::tanh ? std::tanh(x[k] + a[k]) : std::max(x[k] + a[k], 0.0);
    return {a};
  });
}

Array lstm_reference(const Arrays& v, const SequenceOrder& order) {
  return recurrence(v[0], {&v[1], &v[2]}, order, [&](const Row& x, const States& states) -> States {
    const Row u = product(v[3], nullptr, states[0]);
    const std::size_t hidden = states[0].size();
    const auto a = [&](std::size_t gate, std::size_t k) { return x[gate * hidden + k] + u[gate * hidden + k]; };
    States next(2);
    for (std::size_t k = 0; k < hidden; ++k) {
      next[1].push_back(sigmoid(a(1, k)) * states[1][k] + sigmoid(a(0, k)) * std::tanh(a(2, k)));
      next[0].push_back(sigmoid(a(3, k)) * std::tanh(next[1][k]));
    }
    return next;
  });
}

Array gru_reference(const Arrays& v, GruReset reset, const SequenceOrder& order) {
  const Array* bias = v.size() > 3 ? &v[3] : nullptr;
  return recurrence(v[0], {&v[1]}, order, [&](const Row& x, const States& states) -> States {
    const Row &h = states[0], u = product(v[2], bias, h);
    const std::size_t hidden = h.size();
    Row reset_h, r;
    for (std::size_t k = 0; k < hidden; ++k) r.push_back(sigmoid(x[k] + u[k]));
    for (std::size_t k = 0; k < hidden; ++k) reset_h.push_back(r[k] * h[k]);
    const Row u_reset = product(v[2], bias, reset_h);
    Row next;
    for (std::size_t k = 0; k < hidden; ++k) {
      const double z = sigmoid(x[hidden + k] + u[hidden + k]);
      const double u_n = reset == GruReset::after ? r[k] * u[2 * hidden + k] : u_reset[2 * hidden + k];
      next.push_back((1 - z) * std::tanh(x[2 * hidden + k] + u_n) + z * h[k]);
    }
    return {next};
  });
}

struct Size {
  std::int64_t batch, steps, hidden;
  SequenceOrder order = {};
  bool large = false;
};

// Every combination of lengths and direction, and sizes at which something is empty or alone.
std::vector<Size> sizes() {
  return {{2, 3, 3},
          {1, 1, 1},
          {3, 4, 2, {{4, 0, 2}, false}},
          {3, 4, 2, {{1, 4, 0}, true}},
          {2, 3, 2, {{}, true}},
          {2, 3, 2, {{3, 3}, false}},
          {0, 2, 2},
          {2, 0, 2},
          {2, 2, 0},
          {1, 3, 5},
          {35, 3, 33, {}, true}};
}

std::string name_of(const Size& s) {
  std::string what = std::to_string(s.batch) + " of " + std::to_string(s.steps) + " by " + std::to_string(s.hidden);
  for (std::int64_t length : s.order.lengths) what += ", " + std::to_string(length);
  return what + (s.order.reverse ? ", reverse" : "");
}

using RnnFunction = std::array<Variable, 2> (*)(const Variable&, const Variable&, const Variable&, RnnActivation,
                                                const SequenceOrder&);
using LstmFunction = std::array<Variable, 3> (*)(const Variable&, const Variable&, const Variable&, const Variable&,
                                                 const SequenceOrder&);
using GruFunction = std::array<Variable, 2> (*)(const Variable&, const Variable&, const Variable&, const Variable&,
                                                GruReset, const SequenceOrder&);

std::vector<Sample> rnn_samples(RnnFunction operation) {
  Numbers numbers(61);
  std::vector<Sample> result;
  for (const Size& s : sizes())
    for (RnnActivation f : {RnnActivation::tanh, RnnActivation::relu}) {
      // Away from relu's kink: all positive, or (every second sample) gates so negative that all is 0.
      const bool relu = f == RnnActivation::relu;
      const auto gates = numbers.uniform({s.batch, s.steps, s.hidden}, relu ? 0.25 : -2, 2);
      result.push_back({name_of(s) + (relu ? ", relu" : ""),
                        {gates, numbers.uniform({s.batch, s.hidden}, relu ? 0 : -2, 2),
                         numbers.uniform({s.hidden, s.hidden}, relu ? 0 : -1, relu ? 0.25 : 1)},
                        [=](const Variables& v) { return joined(operation(v[0], v[1], v[2], f, s.order)); },
                        [=](const Arrays& v) { return rnn_reference(v, f, s.order); }});
      result.back().large = s.large;
    }
  result.push_back({"relu, below 0",
                    {numbers.uniform({2, 3, 2}, -4, -3), numbers.uniform({2, 2}, 0, 1), numbers.uniform({2, 2}, 0, 1)},
                    [=](const Variables& v) { return joined(operation(v[0], v[1], v[2], RnnActivation::relu, {})); },
                    [](const Arrays& v) { return rnn_reference(v, RnnActivation::relu, {}); }});
  return result;
}

std::vector<Sample> lstm_samples(LstmFunction operation) {
  Numbers numbers(62);
  std::vector<Sample> result;
  for (const Size& s : sizes()) {
    result.push_back({name_of(s),
                      {numbers.uniform({s.batch, s.steps, 4 * s.hidden}), numbers.uniform({s.batch, s.hidden}),
                       numbers.uniform({s.batch, s.hidden}), numbers.uniform({4 * s.hidden, s.hidden}, -1, 1)},
                      [=](const Variables& v) { return joined(operation(v[0], v[1], v[2], v[3], s.order)); },
                      [=](const Arrays& v) { return lstm_reference(v, s.order); }});
    result.back().large = s.large;
  }
  result.push_back(
      {"h alone",
       {numbers.uniform({2, 3, 8}), numbers.uniform({2, 2}), numbers.uniform({2, 2}), numbers.uniform({8, 2}, -1, 1)},
       [=](const Variables& v) { return operation(v[0], v[1], v[2], v[3], {{2, 3}, false})[1]; },
       [](const Arrays& v) {
         const Array all = lstm_reference(v, {{2, 3}, false});
         Array h({2, 2});
         std::copy_n(all.numbers.begin() + 12, 4, h.numbers.begin());
         return h;
       }});
  return result;
}

std::vector<Sample> gru_samples(GruFunction operation) {
  Numbers numbers(63);
  std::vector<Sample> result;
  for (const Size& s : sizes())
    for (GruReset reset : {GruReset::after, GruReset::before})
      for (bool biased : {false, true}) {
        std::vector<Tensor> inputs{numbers.uniform({s.batch, s.steps, 3 * s.hidden}),
                                   numbers.uniform({s.batch, s.hidden}),
                                   numbers.uniform({3 * s.hidden, s.hidden}, -1, 1)};
        if (biased) inputs.push_back(numbers.uniform({3 * s.hidden}));
        result.push_back({name_of(s) + (reset == GruReset::after ? ", after" : ", before") + (biased ? ", bias" : ""),
                          inputs,
                          [=](const Variables& v) {
                            return joined(operation(v[0], v[1], v[2], biased ? v[3] : no_bias, reset, s.order));
                          },
                          [=](const Arrays& v) { return gru_reference(v, reset, s.order); }});
        result.back().large = s.large;
      }
  return result;
}

std::vector<Misuse> rnn_misuses() {
  const Function plain = [](const Variables& v) { return rnn(v[0], v[1], v[2])[0]; };
  const auto with = [](const SequenceOrder& order) -> Function {
    return [=](const Variables& v) { return rnn(v[0], v[1], v[2], RnnActivation::tanh, order)[0]; };
  };
  const Tensor x = f64({2, 4, 3}), h = f64({2, 3}), weight = f64({3, 3});
  return {{"x of rank 2", Refusal::shape, {f64({2, 3}), h, weight}, plain},
          {"another batch", Refusal::shape, {x, f64({1, 3}), weight}, plain},
          {"weight of another size", Refusal::shape, {x, h, f64({3, 4})}, plain},
          {"one length too few", Refusal::shape, {x, h, weight}, with({{4}, false})},
          {"a length beyond the end", Refusal::shape, {x, h, weight}, with({{4, 5}, false})},
          {"a length below 0", Refusal::shape, {x, h, weight}, with({{-1, 4}, true})},
          {"h f32", Refusal::dtype, {x, zeros({2, 3}), weight}, plain},
          {"integers",
           Refusal::dtype,
           {zeros({2, 4, 3}, DType::i64), zeros({2, 3}, DType::i64), zeros({3, 3}, DType::i64)},
           plain}};
}

std::vector<Misuse> lstm_misuses() {
  const Function plain = [](const Variables& v) { return lstm(v[0], v[1], v[2], v[3])[0]; };
  const Function long_lengths = [](const Variables& v) { return lstm(v[0], v[1], v[2], v[3], {{1, 9}, false})[0]; };
  const Tensor x = f64({2, 4, 12}), h = f64({2, 3}), weight = f64({12, 3});
  return {{"x of three gates", Refusal::shape, {f64({2, 4, 9}), h, h, weight}, plain},
          {"c of another batch", Refusal::shape, {x, h, f64({1, 3}), weight}, plain},
          {"weight transposed", Refusal::shape, {x, h, h, f64({3, 12})}, plain},
          {"a length beyond the end", Refusal::shape, {x, h, h, weight}, long_lengths},
          {"c f32", Refusal::dtype, {x, h, zeros({2, 3}), weight}, plain},
          {"weight f32", Refusal::dtype, {x, h, h, zeros({12, 3})}, plain},
          {"integers",
           Refusal::dtype,
           {zeros({2, 4, 12}, DType::i64), zeros({2, 3}, DType::i64), zeros({2, 3}, DType::i64),
            zeros({12, 3}, DType::i64)},
           plain}};
}

std::vector<Misuse> gru_misuses() {
  std::vector<Misuse> result;
  for (const GruReset reset : {GruReset::after, GruReset::before}) {
    const Function plain = [reset](const Variables& v) { return gru(v[0], v[1], v[2], no_bias, reset)[0]; };
    const Function biased = [reset](const Variables& v) { return gru(v[0], v[1], v[2], v[3], reset)[0]; };
    const Function few = [reset](const Variables& v) { return gru(v[0], v[1], v[2], no_bias, reset, {{1}, false})[0]; };
    const Tensor x = f64({2, 4, 9}), h = f64({2, 3}), weight = f64({9, 3});
    result.insert(result.end(), {{"x has two gates", Refusal::shape, {f64({2, 4, 6}), h, weight}, plain},
                                 {"x has another batch", Refusal::shape, {f64({1, 4, 9}), h, weight}, plain},
                                 {"h of rank 1", Refusal::shape, {x, f64({3}), weight}, plain},
                                 {"weight transposed", Refusal::shape, {x, h, f64({3, 9})}, plain},
                                 {"bias of one gate", Refusal::shape, {x, h, weight, f64({3})}, biased},
                                 {"x of rank 0", Refusal::shape, {f64({}), h, weight}, plain},
                                 {"one length too few", Refusal::shape, {x, h, weight}, few},
                                 {"h f32", Refusal::dtype, {x, zeros({2, 3}), weight}, plain},
                                 {"weight f32", Refusal::dtype, {x, h, zeros({9, 3})}, plain},
                                 {"bias f32", Refusal::dtype, {x, h, weight, zeros({9})}, biased},
                                 {"integers",
                                  Refusal::dtype,
                                  {zeros({2, 4, 9}, DType::i64), zeros({2, 3}, DType::i64), zeros({9, 3}, DType::i64)},
                                  plain}});
  }
  return result;
}

}  // namespace

std::vector<OpCase> recurrent_cases() {
  const auto row = [](const std::string& name, std::function<std::vector<Sample>()> samples,
                      std::function<std::vector<Misuse>()> misuses = {}) {
    return OpCase{.name = name,
                  .samples = std::move(samples),
                  .misuses = std::move(misuses),
                  .ulps = 128,
                  .scale = 2,
                  .shows_every_nan = false,  // not one in the padding
                  .sums_gradient = true};
  };
  return {row(
              "rnn", [] { return rnn_samples(rnn); }, rnn_misuses),
          row("rnn_definition", [] { return rnn_samples(rnn_definition); }),
          row(
              "lstm", [] { return lstm_samples(lstm); }, lstm_misuses),
          row("lstm_definition", [] { return lstm_samples(lstm_definition); }),
          row(
              "gru", [] { return gru_samples(gru); }, gru_misuses),
          row("gru_definition", [] { return gru_samples(gru_definition); })};
}

}  // namespace heed::test
