// Rows of additive attention scores.
#include <cmath>

#include "heed/autograd/fused/additive_score.h"
#include "heed/tensor/create.h"
#include "op_cases.h"

namespace heed::test {
namespace {

Tensor f64(const Shape& shape) { return zeros(shape, DType::f64); }

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
  return {{.name = "additive_score",
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
