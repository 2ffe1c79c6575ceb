// Rows of additive attention scores, of layer normalisation and of that by the root mean square.
#include <cmath>

#include "heed/autograd/fused/additive_score.h"
#include "heed/autograd/fused/layer_norm.h"
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

using Norm = Variable (*)(const Variable&, const Shape&, const Variable&, const Variable&, double);

Array normalised(const Arrays& v, std::int64_t width, bool weighted, bool biased, double epsilon, bool centred) {
  Array y(v[0].shape);
  const auto n = static_cast<std::size_t>(width);
  for (std::size_t first = 0; n > 0 && first < y.numbers.size(); first += n) {
    double mean = 0, variance = 0;
    for (std::size_t i = 0; centred && i < n; ++i) mean += v[0].numbers[first + i] / static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i)
      variance += (v[0].numbers[first + i] - mean) * (v[0].numbers[first + i] - mean) / static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i) {
      const double normal = (v[0].numbers[first + i] - mean) / std::sqrt(variance + epsilon);
      y.numbers[first + i] = (weighted ? v[1].numbers[i] * normal : normal) + (biased ? v.back().numbers[i] : 0);
    }
  }
  return y;
}

std::vector<Sample> norm_samples(Norm operation, bool centred = true) {
  Numbers numbers(24);
  std::vector<Sample> result;
  const auto add = [&](const Shape& outer, const Shape& block, bool weighted, bool biased,
                       double epsilon = 1e-5) -> Sample& {
    biased = biased && centred;
    Shape whole = outer;
    std::int64_t width = 1;
    for (const std::int64_t size : block) whole.push_back(size), width *= size;
    std::vector<Tensor> inputs{numbers.uniform(whole)};
    for (const bool given : {weighted, biased})
      if (given) inputs.push_back(numbers.uniform(block));
    const Function apply = [=](const Variables& v) {
      return operation(v[0], block, weighted ? v[1] : Variable(), biased ? v.back() : Variable(), epsilon);
    };
    return result.emplace_back(
        Sample{whole.str() + " over " + block.str() + (weighted ? ", weight" : "") + (biased ? ", bias" : ""), inputs,
               apply, [=](const Arrays& v) { return normalised(v, width, weighted, biased, epsilon, centred); }});
  };
  add({3}, {5}, false, false);
  add({3}, {5}, true, true);
  add({2, 3}, {4}, true, true);
  add({2}, {3, 2}, true, true);
  add({}, {7}, true, true);
  add({3}, {5}, true, false);
  add({3}, {5}, false, true);
  add({2}, {37}, true, true);
  add({2}, {6}, true, true, 0.5);
  for (const bool affine : {false, true}) {
    add({0}, {4}, affine, affine);
    add({3}, {0}, affine, affine);
    // x less itself; about 0, what is left of epsilon
    add({3}, {1}, affine, affine, centred ? 1e-5 : 0.5).cancels = centred;
  }
  add({150}, {70}, true, true).large = true;
  add({2}, {3000}, true, true).large = true;
  return result;
}

std::vector<Misuse> norm_misuses() {
  const auto over = [](const Shape& block) -> Function {
    return [=](const Variables& v) {
      return layer_norm(v[0], block, v.size() > 1 ? v[1] : Variable(), v.size() > 2 ? v[2] : Variable());
    };
  };
  const Tensor x = f64({2, 3});
  return {{"another size", Refusal::shape, {x}, over({2})},
          {"another axis", Refusal::shape, {x}, over({2, 2})},
          {"more axes", Refusal::shape, {x}, over({1, 2, 3})},
          {"no axis", Refusal::shape, {x}, over({})},
          {"x of rank 0", Refusal::shape, {f64({})}, over({1})},
          {"weight of another size", Refusal::shape, {x, f64({2})}, over({3})},
          {"weight of another rank", Refusal::shape, {x, f64({1, 3})}, over({3})},
          {"bias of another size", Refusal::shape, {x, f64({3}), f64({4})}, over({3})},
          {"weight f32", Refusal::dtype, {x, zeros({3})}, over({3})},
          {"bias f32", Refusal::dtype, {x, f64({3}), zeros({3})}, over({3})},
          {"integers", Refusal::dtype, {zeros({2, 3}, DType::i64)}, over({3})}};
}

Variable rms(const Variable& x, const Shape& block, const Variable& weight, const Variable&, double epsilon) {
  return rms_norm(x, block, weight, epsilon);
}
Variable rms_definition(const Variable& x, const Shape& block, const Variable& weight, const Variable&,
                        double epsilon) {
  return rms_norm_definition(x, block, weight, epsilon);
}

std::vector<Misuse> rms_norm_misuses() {
  const auto over = [](const Shape& block) -> Function {
    return [=](const Variables& v) { return rms_norm(v[0], block, v.size() > 1 ? v[1] : Variable()); };
  };
  const Tensor x = f64({2, 3});
  return {{"another size", Refusal::shape, {x}, over({2})},
          {"more axes", Refusal::shape, {x}, over({1, 2, 3})},
          {"no axis", Refusal::shape, {x}, over({})},
          {"weight of another size", Refusal::shape, {x, f64({2})}, over({3})},
          {"weight f32", Refusal::dtype, {x, zeros({3})}, over({3})},
          {"integers", Refusal::dtype, {zeros({2, 3}, DType::i64)}, over({3})}};
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
           .sums_gradient = true},
          {.name = "layer_norm",
           .samples = [] { return norm_samples(layer_norm); },
           .misuses = norm_misuses,
           .ulps = 16,
           .scale = 4},
          {.name = "layer_norm_definition",
           .samples = [] { return norm_samples(layer_norm_definition); },
           .ulps = 16,
           .scale = 4,
           .sums_gradient = true},
          {.name = "rms_norm",
           .samples = [] { return norm_samples(rms, false); },
           .misuses = rms_norm_misuses,
           .ulps = 16,
           .scale = 4},
          {.name = "rms_norm_definition",
           .samples = [] { return norm_samples(rms_definition, false); },
           .ulps = 16,
           .scale = 4,
           .sums_gradient = true}};
}

}  // namespace heed::test
