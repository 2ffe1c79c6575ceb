// Rows of softmax, its logarithm and cross-entropy.
#include "heed/autograd/fused/softmax.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/tensor/create.h"
#include "op_cases.h"

namespace heed::test {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Tensor f64(const Shape& shape) { return zeros(shape, DType::f64); }

// Calls body(places of one row along the axis) for every row of x.
template <class Body>
void each_row(const Array& x, int axis, Body body) {
  const int along = axis < 0 ? axis + x.shape.rank() : axis;
  Shape outer = x.shape;
  outer[along] = 1;
  for (const Index& i : indices(outer)) {
    std::vector<Index> row(static_cast<std::size_t>(x.shape[along]), i);
    for (std::size_t j = 0; j < row.size(); ++j) row[j][static_cast<std::size_t>(along)] = static_cast<std::int64_t>(j);
    body(row);
  }
}

// softmax of x along the axis, or its logarithm; places the mask leaves out are not looked at.
Array weights(const Array& x, int axis, const Array& mask, bool logarithm) {
  Array y(x.shape, logarithm ? -infinity : 0);
  each_row(x, axis, [&](const std::vector<Index>& row) {
    double top = -infinity, total = 0;
    for (const Index& i : row)
      if (mask.shown(i) != 0 && !(x[i] <= top)) top = std::isnan(top) ? top : x[i];
    for (const Index& i : row)
      if (mask.shown(i) != 0) total += std::exp(x[i] - top);
    for (const Index& i : row)
      if (mask.shown(i) != 0) y[i] = logarithm ? x[i] - top - std::log(total) : std::exp(x[i] - top) / total;
  });
  return y;
}

using Softmax = Variable (*)(const Variable&, int, const Tensor&);

std::vector<Sample> softmax_samples(Softmax operation, bool logarithm) {
  Numbers numbers(20);
  std::vector<Sample> result;
  int axis = -1;  // of the samples that are added
  // x and perhaps a mask, in braces: so they are drawn in this order by every compiler.
  const auto add = [&](std::string what, const std::vector<Tensor>& given) -> Sample& {
    const Tensor x = given[0], mask = given.size() > 1 ? given[1] : Tensor();
    const Array seen = mask.defined() ? to_array(mask) : Array({}, 1);
    what += ", axis " + std::to_string(axis);
    if (!mask.defined() || !logarithm)
      return result.emplace_back(
          Sample{what + " " + x.shape().str(),
                 {x},
                 [=, axis = axis](const Variables& v) { return operation(v[0], axis, mask); },
                 [=, axis = axis](const Arrays& v) { return weights(v[0], axis, seen, logarithm); },
                 mask.defined() ? std::vector{mask} : std::vector<Tensor>{}});
    // Differences need finite numbers: the -inf of the places left out become 0. Values are checked without that.
    result.push_back({what + " with -inf " + x.shape().str(),
                      {x},
                      [=, axis = axis](const Variables& v) { return operation(v[0], axis, mask); },
                      [=, axis = axis](const Arrays& v) { return weights(v[0], axis, seen, true); },
                      {mask},
                      false,
                      x.numel() > 1000});
    return result.emplace_back(Sample{what + " " + x.shape().str(),
                                      {x},
                                      [=, axis = axis](const Variables& v) {
                                        const Variable y = operation(v[0], axis, mask);
                                        return where(mask, y, Variable(zeros({}, y.dtype())));
                                      },
                                      [=, axis = axis](const Arrays& v) {
                                        Array y = weights(v[0], axis, seen, true);
                                        for (const Index& i : indices(y.shape))
                                          if (seen.shown(i) == 0) y[i] = 0;
                                        return y;
                                      },
                                      {mask}});
  };
  for (const Shape& shape : {Shape{5}, Shape{1}, Shape{2, 3}, Shape{2, 1, 4}, Shape{3, 0}, Shape{0, 4}, Shape{2, 37},
                             Shape{1, 2, 1, 2, 1, 3}})
    add("everything seen", {numbers.uniform(shape)}).cancels = shape == Shape{1};
  add("large numbers", {tensor({1e4, -1e4, 9999, 0, -1e4, -10001, -9999, -1e4}, {2, 4}, DType::f64)}).differentiable =
      false;
  add("long rows", {numbers.uniform({70, 613})}).large = true;

  const auto flags = [](std::initializer_list<double> values, const Shape& shape) {
    return tensor(values, shape, DType::boolean);
  };
  add("a row with nothing seen", {numbers.uniform({3, 4}), flags({1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0}, {3, 4})})
      .cancels = true;
  add("rows with nothing seen, mask per row", {numbers.uniform({3, 4}), flags({1, 0, 1}, {3, 1})});
  add("mask per column", {numbers.uniform({2, 3, 4}), flags({1, 1, 0, 1}, {4})});
  add("mask per example", {numbers.uniform({2, 3, 4}), numbers.mask({2, 1, 4})});
  add("strided mask", {numbers.uniform({3, 5}), laid_out(numbers.mask({3, 5}), Layout::transposed)}).cancels = true;
  add("nothing seen", {numbers.uniform({2, 3}), flags({0}, {})});
  add("all seen by a number", {numbers.uniform({2, 3}), flags({1}, {})});
  add("one seen", {numbers.uniform({1, 2, 3}), flags({0, 1, 0}, {1, 1, 3})}).cancels = true;
  add("nothing to see", {numbers.uniform({2, 0}), flags({1}, {})});
  add("long masked rows", {numbers.uniform({70, 613}), numbers.mask({70, 613})}).large = true;

  for (const int other : {0, 1, -2, 2, -3}) {
    axis = other;
    add("everything seen", {numbers.uniform({3, 2, 4})});
    add("mask per example", {numbers.uniform({2, 3, 2}), numbers.mask({2, 1, 2})}).cancels = true;
    add("a slice with nothing seen",
        {numbers.uniform({2, 2, 3}), flags({1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0}, {2, 2, 3})})
        .cancels = true;
    add("an empty axis", {numbers.uniform({2, 0, 3})});
  }
  axis = 0;
  add("many rows", {numbers.uniform({613, 70})}).large = true;
  return result;
}

std::vector<Misuse> softmax_misuses(Softmax operation) {
  const auto with = [operation](const Tensor& mask, int axis = -1) -> Function {
    return [=](const Variables& v) { return operation(v[0], axis, mask); };
  };
  return {{"axis too large", Refusal::index, {f64({2, 3})}, with({}, 2)},
          {"axis too small", Refusal::index, {f64({2, 3})}, with({}, -3)},
          {"mask fits another axis only", Refusal::shape, {f64({2, 3})}, with(zeros({2}, DType::boolean), 0)},
          {"0-d", Refusal::shape, {f64({})}, with({})},
          {"integers", Refusal::dtype, {zeros({2}, DType::i64)}, with({})},
          {"booleans", Refusal::dtype, {zeros({2}, DType::boolean)}, with({})},
          {"mask of numbers", Refusal::dtype, {f64({2, 3})}, with(f64({2, 3}))},
          {"mask of another size", Refusal::shape, {f64({2, 3})}, with(zeros({2, 4}, DType::boolean))},
          {"mask with more axes", Refusal::shape, {f64({3})}, with(zeros({2, 3}, DType::boolean))}};
}

// -Σ w·log softmax(x)[target] / Σ w over the rows of weight other than 0. Beside an infinite number the logarithm of a
// softmax is NaN; that of the sum alone is infinite, and so is then the loss.
Array loss(const Array& x, const Array& targets, const Array& weight, bool from_log_total) {
  const Array logs = weights(x, -1, Array({}, 1), true);
  double total = 0, count = 0;
  each_row(x, -1, [&](const std::vector<Index>& row) {
    const Index outer(row.empty() ? Index() : Index(row[0].begin(), row[0].end() - 1));
    if (row.empty() || weight.shown(outer) == 0) return;
    const Index& target = row[static_cast<std::size_t>(targets[outer])];
    const bool infinite = from_log_total && x[target] != infinity &&
                          std::any_of(row.begin(), row.end(), [&](const Index& i) { return x[i] == infinity; });
    total += weight.shown(outer) * (infinite ? infinity : -logs[target]);
    count += weight.shown(outer);
  });
  Array y;
  y[{}] = count == 0 ? 0 : total / count;
  return y;
}

using CrossEntropy = Variable (*)(const Variable&, const Tensor&, const Tensor&);

std::vector<Sample> cross_entropy_samples(CrossEntropy operation, bool from_log_total) {
  Numbers numbers(21);
  std::vector<Sample> result;
  // x, targets and perhaps weights.
  const auto add = [&](const std::string& what, const std::vector<Tensor>& given) -> Sample& {
    const Tensor x = given[0], targets = given[1], weight = given.size() > 2 ? given[2] : Tensor();
    const Array wanted = to_array(targets), counts = weight.defined() ? to_array(weight) : Array({}, 1);
    return result.emplace_back(Sample{what + " " + x.shape().str(),
                                      {x},
                                      [=](const Variables& v) {
                                        return operation(v[0], targets,
                                                         weight.defined() ? to(weight, v[0].dtype()) : weight);
                                      },
                                      [=](const Arrays& v) { return loss(v[0], wanted, counts, from_log_total); },
                                      weight.defined() ? std::vector{targets, weight} : std::vector{targets}});
  };
  const auto targets = [&](const Shape& shape, std::int64_t classes) {
    Array array(shape);
    for (double& number : array.numbers) number = static_cast<double>(numbers.uniform_int(classes));
    return to_tensor(array, DType::i64);
  };
  add("rows", {numbers.uniform({3, 5}), targets({3}, 5)});
  add("one row", {numbers.uniform({5}), targets({}, 5)});
  add("rows of rows", {numbers.uniform({2, 3, 4}), targets({2, 3}, 4)});
  add("two classes", {numbers.uniform({4, 2}), targets({4}, 2)});
  add("one class", {numbers.uniform({2, 1}), targets({2}, 1)}).cancels = true;
  add("no rows", {numbers.uniform({0, 4}), targets({0}, 4)});
  add("many classes", {numbers.uniform({2, 37}), targets({2}, 37)});
  add("strided targets", {numbers.uniform({3, 5}), laid_out(targets({3}, 5), Layout::reversed)});
  add("rank 6", {numbers.uniform({1, 2, 1, 2, 1, 3}), targets({1, 2, 1, 2, 1}, 3)});
  add("weights", {numbers.uniform({4, 3}), targets({4}, 3), numbers.uniform({4}, 0.25, 2)});
  add("weights 0 and targets of any kind",
      {numbers.uniform({4, 3}), tensor({1, -100, 99, 0}, {4}, DType::i64), tensor({1, 0, 0, 0.5}, {4}, DType::f64)});
  add("all weights 0", {numbers.uniform({2, 3}), tensor({-1, 3}, {2}, DType::i64), f64({2})});
  add("strided weights",
      {numbers.uniform({2, 3, 4}), targets({2, 3}, 4), laid_out(numbers.uniform({2, 3}, 0.25, 2), Layout::transposed)});
  add("large numbers",
      {tensor({1e4, -1e4, 9999, 0, -1e4, -10001, -9999, -1e4}, {2, 4}, DType::f64), tensor({1, 1}, {2}, DType::i64)})
      .differentiable = false;
  add("many rows", {numbers.uniform({700, 61}), targets({700}, 61)}).large = true;
  return result;
}

std::vector<Misuse> cross_entropy_misuses() {
  const auto with = [](const Tensor& targets, const Tensor& weight = {}) -> Function {
    return [=](const Variables& v) { return cross_entropy(v[0], targets, weight); };
  };
  const Tensor x = f64({2, 3}), good = zeros({2}, DType::i64);
  const auto ids = [](double second) { return tensor({0, second}, {2}, DType::i64); };
  return {{"target too large", Refusal::index, {x}, with(ids(3))},
          {"target negative", Refusal::index, {x}, with(ids(-1))},
          {"target too large where it counts", Refusal::index, {x}, with(ids(3), ones({2}, DType::f64))},
          {"no classes", Refusal::index, {f64({2, 0})}, with(good)},
          {"targets of another size", Refusal::shape, {x}, with(zeros({3}, DType::i64))},
          {"targets of x's shape", Refusal::shape, {x}, with(zeros({2, 3}, DType::i64))},
          {"weights of another size", Refusal::shape, {x}, with(good, f64({3}))},
          {"0-d logits", Refusal::shape, {f64({})}, with(zeros({}, DType::i64))},
          {"integer logits", Refusal::dtype, {zeros({2, 3}, DType::i64)}, with(good)},
          {"targets f64", Refusal::dtype, {x}, with(f64({2}))},
          {"no targets", Refusal::dtype, {x}, with({})},
          {"weights f32", Refusal::dtype, {x}, with(good, zeros({2}))},
          {"weights boolean", Refusal::dtype, {x}, with(good, zeros({2}, DType::boolean))}};
}

}  // namespace

std::vector<OpCase> softmax_cases() {
  const auto loss_row = [](const std::string& name, CrossEntropy operation, bool from_log_total) {
    return OpCase{.name = name,
                  .samples = [=] { return cross_entropy_samples(operation, from_log_total); },
                  .ulps = 16,
                  .scale = 4,
                  .shows_every_nan = false};
  };
  OpCase cross_entropy_row = loss_row("cross_entropy", cross_entropy, true);
  cross_entropy_row.misuses = cross_entropy_misuses;
  return {{.name = "softmax",
           .samples = [] { return softmax_samples(softmax, false); },
           .misuses = [] { return softmax_misuses(softmax); },
           .ulps = 16,
           .shows_every_nan = false},
          {.name = "softmax_definition",
           .samples = [] { return softmax_samples(softmax_definition, false); },
           .ulps = 16,
           .shows_every_nan = false},
          {.name = "log_softmax",
           .samples = [] { return softmax_samples(log_softmax, true); },
           .misuses = [] { return softmax_misuses(log_softmax); },
           .ulps = 16,
           .scale = 1,
           .shows_every_nan = false},
          {.name = "log_softmax_definition",
           .samples = [] { return softmax_samples(log_softmax_definition, true); },
           .ulps = 16,
           .scale = 1,
           .shows_every_nan = false},
          std::move(cross_entropy_row),
          loss_row("cross_entropy_definition", cross_entropy_definition, false)};
}

}  // namespace heed::test
