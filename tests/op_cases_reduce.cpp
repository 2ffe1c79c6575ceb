// Rows of the reductions.
#include <cmath>
#include <limits>

#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "op_cases.h"

namespace heed::test {
namespace {

using Operation = Variable (*)(const Variable&, const Axes&, bool);
using Join = double (*)(double, double);

struct Reduction {
  Operation operation;
  double start;
  Join join;
  bool divides_by_count = false;
};

std::vector<bool> reduced_axes(const Shape& shape, const Axes& axes) {
  std::vector<bool> away(static_cast<std::size_t>(shape.rank()), axes.empty());
  for (int axis : axes) away[static_cast<std::size_t>(axis < 0 ? axis + shape.rank() : axis)] = true;
  return away;
}

Array reduce(const Array& x, const Axes& axes, bool keepdim, const Reduction& r) {
  const std::vector<bool> away = reduced_axes(x.shape, axes);
  Shape shape;
  double count = 1;
  for (std::size_t axis = 0; axis < away.size(); ++axis) {
    const std::int64_t size = x.shape[static_cast<int>(axis)];
    if (away[axis]) count *= static_cast<double>(size);
    if (!away[axis] || keepdim) shape.push_back(away[axis] ? 1 : size);
  }
  Array y(shape, r.start);
  for (const Index& i : indices(x.shape)) {
    Index to;
    for (std::size_t axis = 0; axis < away.size(); ++axis)
      if (!away[axis] || keepdim) to.push_back(away[axis] ? 0 : i[axis]);
    y[to] = r.join(y[to], x[i]);
  }
  for (double& number : y.numbers)
    if (r.divides_by_count) number /= count;
  return y;
}

std::vector<Sample> samples(const Reduction& r) {
  Numbers numbers(12);
  std::vector<Sample> result;
  const auto add = [&](const Tensor& x, const Axes& axes, bool keepdim) -> Sample& {
    std::string what = x.shape().str() + (keepdim ? " keeping" : " without");
    for (int axis : axes) what += " " + std::to_string(axis);
    return result.emplace_back(Sample{what,
                                      {x},
                                      [=](const Variables& v) { return r.operation(v[0], axes, keepdim); },
                                      [=](const Arrays& v) { return reduce(v[0], axes, keepdim, r); }});
  };
  const auto random = [&](const Shape& shape) { return numbers.spaced(shape, 0.0625); };
  for (const bool keep : {false, true}) {
    add(random({}), {}, keep);
    add(random({5}), {}, keep);
    add(random({2, 3}), {}, keep);
    add(random({2, 3}), {0}, keep);
    add(random({2, 3}), {-1}, keep);
    add(random({2, 3, 4}), {2, 0}, keep);
    add(random({2, 3, 4}), {1}, keep);
    add(random({2, 1, 3}), {1}, keep);
    add(random({1, 1}), {}, keep);
    add(random({0}), {}, keep);
    add(random({3, 0}), {1}, keep);
    add(random({3, 0}), {0}, keep);
    add(random({9, 0}), {1}, keep);
    add(random({0, 9}), {0}, keep);
    add(random({2, 0, 3}), {0, 2}, keep);
    add(random({3, 17}), {0}, keep);  // whole rows are combined
    add(random({2, 3, 9}), {0, 1}, keep);
    add(random({2, 3, 9}), {1}, keep);
    add(random({1, 2, 1, 2, 1, 3}), {5, -5, 2}, keep);
  }
  add(expand(random({2, 1}), {2, 1}), {0}, false);
  const bool takes_largest = r.operation == static_cast<Operation>(max);
  if (!takes_largest) add(expand(random({2, 1, 3}), {2, 4, 3}), {1, 2}, false);
  for (const Axes& axes : {Axes{}, Axes{0}, Axes{1}})
    add(takes_largest ? random({70, 613}) * 0.0625 : numbers.uniform({70, 613}), axes, false).large = true;
  return result;
}

std::vector<Misuse> misuses(Operation operation, bool takes_integers) {
  const auto over = [operation](const Axes& axes) -> Function {
    return [=](const Variables& v) { return operation(v[0], axes, false); };
  };
  const Tensor x = zeros({2, 3}, DType::f64);
  std::vector<Misuse> result = {{"axis too large", Refusal::index, {x}, over({2})},
                                {"axis too small", Refusal::index, {x}, over({0, -3})},
                                {"axis of 0-d", Refusal::index, {zeros({}, DType::f64)}, over({0})},
                                {"axis twice", Refusal::index, {x}, over({1, 1})},
                                {"axis twice, once from the end", Refusal::index, {x}, over({1, -1})},
                                {"booleans", Refusal::dtype, {zeros({2}, DType::boolean)}, over({})}};
  if (!takes_integers) result.push_back({"integers", Refusal::dtype, {arange(3)}, over({})});
  return result;
}

OpCase row(const std::string& name, const Reduction& r, double ulps, bool takes_integers = false) {
  return {.name = name,
          .samples = [=] { return samples(r); },
          .misuses = [=] { return misuses(r.operation, takes_integers); },
          .ulps = ulps,
          .scale = ulps > 0 ? 1000.0 : 0.0};
}

std::vector<Sample> sum_to_samples() {
  Numbers numbers(13);
  std::vector<Sample> result;
  const auto add = [&](const Shape& from, const Shape& to) -> Sample& {
    return result.emplace_back(Sample{from.str() + " to " + to.str(),
                                      {numbers.uniform(from)},
                                      [to](const Variables& v) { return sum_to(v[0], to); },
                                      [to](const Arrays& v) {
                                        Array y(to);
                                        for (const Index& i : indices(v[0].shape)) {
                                          Index place(i.end() - to.rank(), i.end());
                                          for (std::size_t axis = 0; axis < place.size(); ++axis)
                                            if (to[static_cast<int>(axis)] == 1) place[axis] = 0;
                                          y[place] += v[0][i];
                                        }
                                        return y;
                                      }});
  };
  add({2, 3}, {2, 3});
  add({2, 3}, {});
  add({2, 3}, {1});
  add({2, 3}, {3});
  add({2, 3}, {2, 1});
  add({2, 3}, {1, 3});
  add({2, 3, 4}, {3, 1});
  add({2, 3, 4}, {1, 1, 4});
  add({2, 1, 3}, {1, 3});
  add({}, {});
  add({0, 3}, {3});
  add({0, 3}, {1, 1});
  add({2, 0}, {2, 1});
  add({2, 2, 2, 2, 1, 2}, {2, 1, 2, 1, 2});
  add({11, 9}, {9});
  add({70, 613}, {613}).large = true;
  add({70, 613}, {70, 1}).large = true;
  return result;
}

std::vector<Misuse> sum_to_misuses() {
  const auto to = [](const Shape& shape) -> Function {
    return [shape](const Variables& v) { return sum_to(v[0], shape); };
  };
  const auto f = [](const Shape& shape) { return zeros(shape, DType::f64); };
  return {{"another size", Refusal::shape, {f({2, 3})}, to({2})},
          {"more axes", Refusal::shape, {f({3})}, to({1, 3})},
          {"would have to repeat", Refusal::shape, {f({1, 3})}, to({2, 3})},
          {"0 to 2", Refusal::shape, {f({0})}, to({2})},
          {"booleans", Refusal::dtype, {zeros({2}, DType::boolean)}, to({})}};
}

}  // namespace

std::vector<OpCase> reduce_cases() {
  const Join plus = [](double a, double b) { return a + b; };
  const Join larger = [](double a, double b) { return a > b || std::isnan(a) ? a : b; };
  return {row("sum", {sum, 0, plus}, 16, true),
          row("mean", {mean, 0, plus, true}, 16),
          row("max", {max, -std::numeric_limits<double>::infinity(), larger}, 0, true),
          {.name = "sum_to", .samples = sum_to_samples, .misuses = sum_to_misuses, .ulps = 16, .scale = 100}};
}

}  // namespace heed::test
