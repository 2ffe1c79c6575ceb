// Rows of the matrix products.
#include "heed/autograd/ops/matmul.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "op_cases.h"

namespace heed::test {
namespace {

Tensor f64(const Shape& shape) { return zeros(shape, DType::f64); }

// The product of matrices a [.., m, k] and b [.., k, n] whose leading axes broadcast to `batch`.
Array matrices(const Array& a, const Array& b, const Shape& batch) {
  Shape shape = batch;
  shape.push_back(a.shape[a.shape.rank() - 2]);
  shape.push_back(b.shape[b.shape.rank() - 1]);
  const std::int64_t inner = a.shape[a.shape.rank() - 1];
  Array y(shape);
  // An inner or outer size of 1 must not be taken for one that broadcasts, so the last two axes are indexed as such.
  const auto entry = [](const Array& x, const Index& i, std::int64_t row, std::int64_t column) {
    Index own(i.end() - x.shape.rank(), i.end());
    for (std::size_t axis = 0; axis + 2 < own.size(); ++axis)
      if (x.shape[static_cast<int>(axis)] == 1) own[axis] = 0;
    own[own.size() - 2] = row;
    own[own.size() - 1] = column;
    return x[own];
  };
  for (const Index& i : indices(shape))
    for (std::int64_t k = 0; k < inner; ++k) y[i] += entry(a, i, i[i.size() - 2], k) * entry(b, i, k, i[i.size() - 1]);
  return y;
}

struct Product {
  Shape a, b, batch, result;
};

std::vector<Sample> matmul_samples() {
  Numbers numbers(18);
  std::vector<Sample> result;
  const auto add = [&](const Product& p) -> Sample& {
    return result.emplace_back(Sample{p.a.str() + " · " + p.b.str(),
                                      {numbers.uniform(p.a), numbers.uniform(p.b)},
                                      [](const Variables& v) { return matmul(v[0], v[1]); },
                                      [p](const Arrays& v) {
                                        Array a = v[0], b = v[1];
                                        if (a.shape.rank() == 1) a.shape.insert(0, 1);
                                        if (b.shape.rank() == 1) b.shape.push_back(1);
                                        Array y = matrices(a, b, p.batch);
                                        y.shape = p.result;
                                        return y;
                                      }});
  };
  add({{2, 3}, {3, 4}, {}, {2, 4}});
  add({{1, 3}, {3, 4}, {}, {1, 4}});
  add({{2, 3}, {3, 1}, {}, {2, 1}});
  add({{2, 1}, {1, 4}, {}, {2, 4}});
  add({{1, 1}, {1, 1}, {}, {1, 1}});
  add({{3}, {3}, {}, {}});
  add({{3}, {3, 2}, {}, {2}});
  add({{2, 3}, {3}, {}, {2}});
  add({{3}, {2, 3, 2}, {2}, {2, 2}});
  add({{2, 2, 3}, {3}, {2}, {2, 2}});
  add({{2, 2, 3}, {3, 4}, {2}, {2, 2, 4}});
  add({{2, 3}, {2, 3, 2}, {2}, {2, 2, 2}});
  add({{2, 2, 3}, {2, 3, 2}, {2}, {2, 2, 2}});
  add({{1, 2, 3}, {3, 3, 2}, {3}, {3, 2, 2}});
  add({{3, 2, 3}, {1, 3, 2}, {3}, {3, 2, 2}});
  add({{2, 1, 2, 2}, {3, 2, 2}, {2, 3}, {2, 3, 2, 2}});
  add({{3, 2, 2}, {2, 1, 2, 2}, {2, 3}, {2, 3, 2, 2}});
  add({{2, 1, 2, 1, 1, 2}, {2, 1, 2, 2, 1}, {2, 2, 2, 2}, {2, 2, 2, 2, 1, 1}});
  add({{0, 3}, {3, 2}, {}, {0, 2}});
  add({{2, 3}, {3, 0}, {}, {2, 0}});
  add({{2, 0}, {0, 3}, {}, {2, 3}});
  add({{0}, {0}, {}, {}});
  add({{2, 3, 0}, {0, 2}, {2}, {2, 3, 2}});
  add({{0, 2, 3}, {3, 2}, {0}, {0, 2, 2}});
  add({{0, 2, 3}, {1, 3, 2}, {0}, {0, 2, 2}});
  add({{70, 90}, {90, 140}, {}, {70, 140}}).large = true;  // several tiles
  result.push_back({"the same tensor twice",
                    {numbers.uniform({3, 3})},
                    [](const Variables& v) { return matmul(v[0], v[0]); },
                    [](const Arrays& v) { return matrices(v[0], v[0], {}); }});
  result.push_back({"expanded rows and columns",
                    {expand(numbers.uniform({3}), {2, 3}), expand(numbers.uniform({3, 1}), {3, 4})},
                    [](const Variables& v) { return matmul(v[0], v[1]); },
                    [](const Arrays& v) { return matrices(v[0], v[1], {}); }});
  return result;
}

std::vector<Misuse> matmul_misuses() {
  const Function apply = [](const Variables& v) { return matmul(v[0], v[1]); };
  return {{"inner sizes differ", Refusal::shape, {f64({2, 3}), f64({2, 3})}, apply},
          {"inner sizes of vectors differ", Refusal::shape, {f64({3}), f64({2})}, apply},
          {"vector and matrix", Refusal::shape, {f64({3}), f64({2, 3})}, apply},
          {"matrix and vector", Refusal::shape, {f64({2, 3}), f64({2})}, apply},
          {"0-d on the left", Refusal::shape, {f64({}), f64({2, 3})}, apply},
          {"0-d on the right", Refusal::shape, {f64({2, 3}), f64({})}, apply},
          {"0-d and a vector", Refusal::shape, {f64({}), f64({1})}, apply},
          {"a vector and 0-d", Refusal::shape, {f64({1}), f64({})}, apply},
          {"leading axes differ", Refusal::shape, {f64({2, 2, 3}), f64({3, 3, 2})}, apply},
          {"f32 with f64", Refusal::dtype, {f64({2, 3}), zeros({3, 2})}, apply},
          {"integers", Refusal::dtype, {zeros({2, 3}, DType::i64), zeros({3, 2}, DType::i64)}, apply},
          {"vectors of booleans", Refusal::dtype, {zeros({2}, DType::boolean), zeros({2}, DType::boolean)}, apply}};
}

using Linear = Variable (*)(const Variable&, const Variable&, const Variable&);

std::vector<Sample> linear_samples(Linear operation) {
  Numbers numbers(19);
  std::vector<Sample> result;
  const auto expected = [](const Arrays& v) {
    const Array &x = v[0], &weight = v[1];
    Shape shape = x.shape;
    shape[shape.rank() - 1] = weight.shape[0];
    Array y(shape);
    for (const Index& i : indices(shape)) {
      y[i] = v.size() > 2 ? v[2][{i.back()}] : 0;
      Index from = i;
      for (std::int64_t k = 0; k < weight.shape[1]; ++k) {
        from.back() = k;
        y[i] += x[from] * weight[{i.back(), k}];
      }
    }
    return y;
  };
  const auto add = [&](const Shape& x, const Shape& weight, bool large = false) {
    const Tensor input = numbers.uniform(x), matrix = numbers.uniform(weight);
    result.push_back({x.str() + " by " + weight.str() + " without bias",
                      {input, matrix},
                      [operation](const Variables& v) { return operation(v[0], v[1], {}); },
                      expected});
    result.back().large = large;
    result.push_back({x.str() + " by " + weight.str(),
                      {input, matrix, numbers.uniform({weight[0]})},
                      [operation](const Variables& v) { return operation(v[0], v[1], v[2]); },
                      expected});
    result.back().large = large;
  };
  add({2, 3}, {4, 3});
  add({3}, {2, 3});
  add({2, 2, 3}, {2, 3});
  add({2, 1, 2, 1, 1, 3}, {2, 3});
  add({1, 3}, {1, 3});
  add({2, 1}, {3, 1});
  add({0, 3}, {2, 3});
  add({2, 0}, {3, 0});
  add({2, 3}, {0, 3});
  add({2, 0, 3}, {2, 3});
  add({70, 90}, {140, 90}, true);
  return result;
}

std::vector<Misuse> linear_misuses() {
  const Function plain = [](const Variables& v) { return linear(v[0], v[1]); };
  const Function biased = [](const Variables& v) { return linear(v[0], v[1], v[2]); };
  return {{"inner sizes differ", Refusal::shape, {f64({2, 3}), f64({4, 2})}, plain},
          {"inner sizes differ, rank 3", Refusal::shape, {f64({2, 2, 3}), f64({4, 2})}, plain},
          {"inner sizes differ, rank 1", Refusal::shape, {f64({3}), f64({4, 2})}, plain},
          {"0-d", Refusal::shape, {f64({}), f64({4, 1})}, plain},
          {"weight of rank 1", Refusal::shape, {f64({2, 3}), f64({3})}, plain},
          {"weight of rank 3", Refusal::shape, {f64({2, 3}), f64({1, 4, 3})}, plain},
          {"bias of another size", Refusal::shape, {f64({2, 3}), f64({4, 3}), f64({3})}, biased},
          {"bias of rank 2", Refusal::shape, {f64({2, 3}), f64({4, 3}), f64({1, 4})}, biased},
          {"weight f32", Refusal::dtype, {f64({2, 3}), zeros({4, 3})}, plain},
          {"bias f32", Refusal::dtype, {f64({2, 3}), f64({4, 3}), zeros({4})}, biased},
          {"integers", Refusal::dtype, {zeros({2, 3}, DType::i64), zeros({4, 3}, DType::i64)}, plain}};
}

}  // namespace

std::vector<OpCase> matmul_cases() {
  return {{.name = "matmul",
           .samples = matmul_samples,
           .misuses = matmul_misuses,
           .ulps = 16,
           .scale = 20,
           .sums_gradient = true},
          {.name = "linear",
           .samples = [] { return linear_samples(linear); },
           .misuses = linear_misuses,
           .ulps = 16,
           .scale = 20,
           .sums_gradient = true},
          {.name = "linear_definition",
           .samples = [] { return linear_samples(linear_definition); },
           .ulps = 16,
           .scale = 20,
           .sums_gradient = true}};
}

}  // namespace heed::test
