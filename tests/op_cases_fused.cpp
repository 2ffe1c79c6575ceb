// Rows of the recurrent step and of additive attention scores.
#include <cmath>

#include "heed/autograd/fused/additive_score.h"
#include "heed/autograd/fused/gru.h"
#include "heed/tensor/create.h"
#include "op_cases.h"

namespace heed::test {
namespace {

Tensor f64(const Shape& shape) { return zeros(shape, DType::f64); }

using Step = Variable (*)(const Variable&, const Variable&, const Variable&, const Variable&, GruReset);

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// v: input_gates [B, 3H], h [B, H], weight [3H, H] and perhaps bias [3H]
Array gru_step(const Arrays& v, GruReset reset) {
  const Array &x = v[0], &h = v[1], &weight = v[2];
  const std::int64_t batch = h.shape[0], hidden = h.shape[1];
  const auto product = [&](std::int64_t row, const std::vector<double>& state) {
    double total = v.size() > 3 ? v[3][{row}] : 0;
    for (std::int64_t k = 0; k < hidden; ++k) total += weight[{row, k}] * state[static_cast<std::size_t>(k)];
    return total;
  };
  Array y(h.shape);
  for (std::int64_t b = 0; b < batch; ++b) {
    std::vector<double> state, reset_state, r;
    for (std::int64_t i = 0; i < hidden; ++i) state.push_back(h[{b, i}]);
    for (std::int64_t i = 0; i < hidden; ++i) r.push_back(sigmoid(x[{b, i}] + product(i, state)));
    for (std::size_t i = 0; i < state.size(); ++i) reset_state.push_back(r[i] * state[i]);
    for (std::int64_t i = 0; i < hidden; ++i) {
      const double z = sigmoid(x[{b, hidden + i}] + product(hidden + i, state));
      const double u_n = reset == GruReset::after ? r[static_cast<std::size_t>(i)] * product(2 * hidden + i, state)
                                                  : product(2 * hidden + i, reset_state);
      y[{b, i}] = (1 - z) * std::tanh(x[{b, 2 * hidden + i}] + u_n) + z * h[{b, i}];
    }
  }
  return y;
}

std::vector<Sample> gru_samples(Step operation) {
  Numbers numbers(22);
  std::vector<Sample> result;
  const auto add = [&](std::int64_t batch, std::int64_t hidden, GruReset reset, bool large = false) {
    std::vector<Tensor> inputs{numbers.uniform({batch, 3 * hidden}), numbers.uniform({batch, hidden}),
                               numbers.uniform({3 * hidden, hidden}, -1, 1)};
    const std::string what = std::string(reset == GruReset::after ? "after, " : "before, ") + std::to_string(batch) +
                             " of " + std::to_string(hidden);
    const auto expected = [reset](const Arrays& v) { return gru_step(v, reset); };
    result.push_back({what + " without bias", inputs,
                      [=](const Variables& v) { return operation(v[0], v[1], v[2], no_bias, reset); }, expected});
    result.back().large = large;
    inputs.push_back(numbers.uniform({3 * hidden}));
    result.push_back(
        {what, inputs, [=](const Variables& v) { return operation(v[0], v[1], v[2], v[3], reset); }, expected});
    result.back().large = large;
  };
  for (const GruReset reset : {GruReset::after, GruReset::before}) {
    add(2, 3, reset);
    add(1, 1, reset);
    add(3, 2, reset);
    add(0, 2, reset);
    add(2, 0, reset);
    add(1, 5, reset);
    add(70, 65, reset, true);
    result.push_back({"constant, strided weight",
                      {numbers.uniform({1, 3}), numbers.uniform({1, 1})},
                      [=](const Variables& v) {
                        return operation(v[0], v[1],
                                         Variable(laid_out(tensor({0.5, -1, 2}, {3, 1}, v[0].dtype()), Layout::sliced)),
                                         {}, reset);
                      },
                      [reset](const Arrays& v) {
                        return gru_step({v[0], v[1], to_array(tensor({0.5, -1, 2}, {3, 1}, DType::f64))}, reset);
                      }});
  }
  return result;
}

std::vector<Misuse> gru_misuses() {
  std::vector<Misuse> result;
  for (const GruReset reset : {GruReset::after, GruReset::before}) {
    const Function plain = [reset](const Variables& v) { return heed::gru_step(v[0], v[1], v[2], no_bias, reset); };
    const Function biased = [reset](const Variables& v) { return heed::gru_step(v[0], v[1], v[2], v[3], reset); };
    const Tensor x = f64({2, 9}), h = f64({2, 3}), weight = f64({9, 3});
    result.insert(result.end(), {{"x has two gates", Refusal::shape, {f64({2, 6}), h, weight}, plain},
                                 {"x has another batch", Refusal::shape, {f64({1, 9}), h, weight}, plain},
                                 {"h of rank 1", Refusal::shape, {x, f64({3}), weight}, plain},
                                 {"h of rank 3", Refusal::shape, {x, f64({1, 2, 3}), weight}, plain},
                                 {"weight transposed", Refusal::shape, {x, h, f64({3, 9})}, plain},
                                 {"bias of one gate", Refusal::shape, {x, h, weight, f64({3})}, biased},
                                 {"x of rank 0", Refusal::shape, {f64({}), h, weight}, plain},
                                 {"h f32", Refusal::dtype, {x, zeros({2, 3}), weight}, plain},
                                 {"weight f32", Refusal::dtype, {x, h, zeros({9, 3})}, plain},
                                 {"bias f32", Refusal::dtype, {x, h, weight, zeros({9})}, biased},
                                 {"integers",
                                  Refusal::dtype,
                                  {zeros({2, 9}, DType::i64), zeros({2, 3}, DType::i64), zeros({9, 3}, DType::i64)},
                                  plain}});
  }
  return result;
}

using Score = Variable (*)(const Variable&, const Variable&, const Variable&);

std::vector<Sample> score_samples(Score operation) {
  Numbers numbers(23);
  std::vector<Sample> result;
  const auto expected = [](const Arrays& v) {
    Array e({v[0].shape[0], v[0].shape[1], v[1].shape[1]});
    for (const Index& i : indices(e.shape))
      for (std::int64_t a = 0; a < v[2].shape[0]; ++a)
        e[i] += v[2][{a}] * std::tanh(v[0][{i[0], i[1], a}] + v[1][{i[0], i[2], a}]);
    return e;
  };
  const auto add = [&](std::int64_t batch, std::int64_t queries, std::int64_t keys, std::int64_t width) -> Sample& {
    return result.emplace_back(Sample{
        std::to_string(batch) + " of " + std::to_string(queries) + " by " + std::to_string(keys) + " by " +
            std::to_string(width),
        {numbers.uniform({batch, queries, width}), numbers.uniform({batch, keys, width}), numbers.uniform({width})},
        [operation](const Variables& v) { return operation(v[0], v[1], v[2]); },
        expected});
  };
  add(2, 3, 4, 5);
  add(1, 1, 1, 1);
  add(2, 2, 3, 9);
  add(1, 3, 1, 2);
  add(0, 2, 3, 4);
  add(2, 0, 3, 4);
  add(2, 3, 0, 4);
  add(2, 3, 4, 0);
  add(3, 20, 30, 17).large = true;
  result.push_back({"queries are their own keys",
                    {numbers.uniform({2, 3, 4}), numbers.uniform({4})},
                    [operation](const Variables& v) { return operation(v[0], v[0], v[1]); },
                    [expected](const Arrays& v) { return expected({v[0], v[0], v[1]}); }});
  return result;
}

std::vector<Misuse> score_misuses() {
  const Function apply = [](const Variables& v) { return additive_score(v[0], v[1], v[2]); };
  const Tensor q = f64({2, 3, 5}), k = f64({2, 4, 5}), v = f64({5});
  return {{"q of rank 2", Refusal::shape, {f64({3, 5}), k, v}, apply},
          {"k of rank 2", Refusal::shape, {q, f64({4, 5}), v}, apply},
          {"v of rank 2", Refusal::shape, {q, k, f64({5, 1})}, apply},
          {"v of rank 0", Refusal::shape, {q, k, f64({})}, apply},
          {"batches differ", Refusal::shape, {q, f64({1, 4, 5}), v}, apply},
          {"widths of q and k differ", Refusal::shape, {q, f64({2, 4, 6}), v}, apply},
          {"width of v differs", Refusal::shape, {q, k, f64({6})}, apply},
          {"k f32", Refusal::dtype, {q, zeros({2, 4, 5}), v}, apply},
          {"v f32", Refusal::dtype, {q, k, zeros({5})}, apply},
          {"integers",
           Refusal::dtype,
           {zeros({2, 3, 5}, DType::i64), zeros({2, 4, 5}, DType::i64), zeros({5}, DType::i64)},
           apply}};
}

}  // namespace

std::vector<OpCase> fused_cases() {
  return {{.name = "gru_step",
           .samples = [] { return gru_samples(heed::gru_step); },
           .misuses = gru_misuses,
           .ulps = 64,
           .scale = 2},
          {.name = "gru_step_definition",
           .samples = [] { return gru_samples(gru_step_definition); },
           .ulps = 64,
           .scale = 2,
           .sums_gradient = true},
          {.name = "additive_score",
           .samples = [] { return score_samples(additive_score); },
           .misuses = score_misuses,
           .ulps = 16,
           .scale = 10},
          {.name = "additive_score_definition",
           .samples = [] { return score_samples(additive_score_definition); },
           .ulps = 16,
           .scale = 10,
           .sums_gradient = true}};
}

}  // namespace heed::test
