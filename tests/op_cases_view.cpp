// Rows of the operations that give the same numbers another shape or take some of them.
#include "heed/autograd/ops/movement.h"
#include "heed/tensor/create.h"
#include "op_cases.h"

namespace heed::test {
namespace {

using Expected = std::function<Array(const Arrays&)>;

// Samples of one input: `add(what, shape, apply, expected)`.
class List {
 public:
  void add(const std::string& what, const Shape& shape, Function apply, Expected expected) {
    samples_.push_back({what + " of " + shape.str(), {numbers_.uniform(shape)}, std::move(apply), std::move(expected)});
  }
  void add(const std::string& what, const Tensor& x, Function apply, Expected expected) {
    samples_.push_back({what, {x}, std::move(apply), std::move(expected)});
  }
  std::vector<Sample> take() { return std::move(samples_); }
  Numbers& numbers() { return numbers_; }

 private:
  Numbers numbers_{5};
  std::vector<Sample> samples_;
};

// y of `shape` with y[i] = x[from(i)].
Expected moved(const Shape& shape, std::function<Index(Index)> from) {
  return [=](const Arrays& v) {
    Array y(shape);
    for (const Index& i : indices(shape)) y[i] = v[0][from(i)];
    return y;
  };
}

Expected renamed(const Shape& shape) {  // the same numbers in the same order
  return [shape](const Arrays& v) {
    Array y(shape);
    y.numbers = v[0].numbers;
    return y;
  };
}

Tensor f64(const Shape& shape) { return zeros(shape, DType::f64); }

std::vector<Sample> reshape_samples() {
  List list;
  const auto add = [&](const Shape& from, const Shape& wanted, const Shape& to) {
    list.add("to " + wanted.str(), from, [wanted](const Variables& v) { return reshape(v[0], wanted); }, renamed(to));
  };
  add({2, 3}, {3, 2}, {3, 2});
  add({2, 3}, {6}, {6});
  add({2, 3}, {-1}, {6});
  add({4, 6}, {2, -1, 3}, {2, 4, 3});
  add({}, {1, 1}, {1, 1});
  add({1}, {}, {});
  add({0, 3}, {3, 0}, {3, 0});
  add({0, 3}, {0, 7}, {0, 7});
  add({2, 3, 4}, {6, 4}, {6, 4});
  add({2, 1, 3}, {1, 2, 3, 1}, {1, 2, 3, 1});
  add({2, 3}, {2, 3}, {2, 3});
  add({1, 2, 1, 2, 1, 2}, {2, 2, 2}, {2, 2, 2});
  list.add(
      "of an expanded row", expand(list.numbers().uniform({3}), {2, 3}),
      [](const Variables& v) { return reshape(v[0], {3, 2}); }, renamed({3, 2}));
  return list.take();
}

std::vector<Misuse> reshape_misuses() {
  const auto to = [](const Shape& shape) -> Function {
    return [shape](const Variables& v) { return reshape(v[0], shape); };
  };
  return {
      {"too few elements", Refusal::shape, {f64({2, 3})}, to({5})},
      {"two unknown sizes", Refusal::shape, {f64({2, 3})}, to({-1, -1})},
      {"no whole size left", Refusal::shape, {f64({2, 3})}, to({4, -1})},
      {"unknown beside 0", Refusal::shape, {f64({0, 3})}, to({0, -1})},
      {"something from nothing", Refusal::shape, {f64({0})}, to({1})},
      {"a negative size", Refusal::shape, {f64({2, 3})}, to({-2, -3}), "shape"},
      {"more than 63 bits", Refusal::shape, {f64({2})}, to({std::int64_t{1} << 40, std::int64_t{1} << 40}), "shape"}};
}

std::vector<Sample> permute_samples() {
  List list;
  const auto add = [&](const Shape& from, const std::vector<int>& order) {
    Shape to;
    std::vector<std::size_t> axes;
    for (int axis : order) {
      axes.push_back(static_cast<std::size_t>(axis < 0 ? axis + from.rank() : axis));
      to.push_back(from[static_cast<int>(axes.back())]);
    }
    list.add(
        "permuted", from, [order](const Variables& v) { return permute(v[0], order); }, moved(to, [axes](Index i) {
          Index result(i.size());
          for (std::size_t axis = 0; axis < i.size(); ++axis) result[axes[axis]] = i[axis];
          return result;
        }));
  };
  add({2, 3}, {1, 0});
  add({2, 3, 4}, {2, 0, 1});
  add({2, 3, 4}, {1, 2, 0});
  add({2, 3, 4}, {-1, 0, -2});
  add({2, 3}, {0, 1});
  add({5}, {0});
  add({}, {});
  add({2, 0, 3}, {2, 1, 0});
  add({1, 2, 1, 2, 1, 2}, {5, 3, 1, 0, 2, 4});
  add({2, 1, 3, 1, 2, 2}, {1, 4, 0, 2, 5, 3});
  return list.take();
}

std::vector<Misuse> permute_misuses() {
  const auto by = [](const std::vector<int>& order) -> Function {
    return [order](const Variables& v) { return permute(v[0], order); };
  };
  return {{"axis twice", Refusal::index, {f64({2, 3})}, by({0, 0})},
          {"axis twice, once from the end", Refusal::index, {f64({2, 3})}, by({1, -1})},
          {"axis too large", Refusal::index, {f64({2, 3})}, by({0, 2})},
          {"axis too small", Refusal::index, {f64({2, 3})}, by({0, -3})},
          {"axis missing", Refusal::index, {f64({2, 3})}, by({0})},
          {"axis too many", Refusal::index, {f64({2})}, by({0, 1})}};
}

Expected swapped(Shape shape, int a, int b) {
  std::swap(shape[a], shape[b]);
  return moved(shape, [a, b](Index i) {
    std::swap(i[static_cast<std::size_t>(a)], i[static_cast<std::size_t>(b)]);
    return i;
  });
}

std::vector<Sample> transpose_samples() {
  List list;
  const auto add = [&](const Shape& shape, int axis0, int axis1, int a, int b) {
    list.add("swapped", shape, [=](const Variables& v) { return transpose(v[0], axis0, axis1); }, swapped(shape, a, b));
  };
  add({2, 3}, 0, 1, 0, 1);
  add({2, 3}, -1, -2, 0, 1);
  add({2, 3, 4}, 0, 2, 0, 2);
  add({2, 3, 4}, 1, -1, 1, 2);
  add({2, 3, 4}, 1, 1, 1, 1);
  add({5}, 0, 0, 0, 0);
  add({0, 3}, 0, 1, 0, 1);
  add({1, 2, 1, 2, 1, 3}, 1, 5, 1, 5);
  return list.take();
}

std::vector<Misuse> transpose_misuses() {
  const auto by = [](int a, int b) -> Function { return [a, b](const Variables& v) { return transpose(v[0], a, b); }; };
  return {{"first axis", Refusal::index, {f64({2, 3})}, by(2, 0)},
          {"second axis", Refusal::index, {f64({2, 3})}, by(0, -3)},
          {"0-d", Refusal::index, {f64({})}, by(0, 0)}};
}

std::vector<Sample> mT_samples() {
  List list;
  for (const Shape& shape :
       {Shape{2, 3}, Shape{1, 4}, Shape{2, 3, 4}, Shape{0, 2}, Shape{3, 0, 2}, Shape{1, 1}, Shape{1, 2, 1, 2, 3, 2}})
    list.add(
        "transposed", shape, [](const Variables& v) { return mT(v[0]); },
        swapped(shape, shape.rank() - 2, shape.rank() - 1));
  return list.take();
}

std::vector<Misuse> mT_misuses() {
  const Function apply = [](const Variables& v) { return mT(v[0]); };
  return {{"0-d", Refusal::shape, {f64({})}, apply}, {"1-d", Refusal::shape, {f64({3})}, apply}};
}

std::vector<Sample> expand_samples() {
  List list;
  const auto add = [&](const Shape& from, const Shape& to) {
    list.add(
        "to " + to.str(), from, [to](const Variables& v) { return expand(v[0], to); },
        [to](const Arrays& v) {
          Array y(to);
          for (const Index& i : indices(to)) y[i] = v[0].shown(i);
          return y;
        });
  };
  add({}, {2, 3});
  add({1}, {4});
  add({3}, {2, 3});
  add({2, 1}, {2, 3});
  add({2, 1, 3}, {4, 2, 2, 3});
  add({2, 3}, {2, 3});
  add({}, {});
  add({1}, {0});
  add({1, 3}, {0, 3});
  add({0, 1}, {2, 0, 3});
  add({1, 2, 1, 2, 1, 1}, {3, 2, 2, 2, 1, 2});
  add({9}, {11, 9});
  list.add(
      "of an expanded column", expand(list.numbers().uniform({2, 1}), {2, 1}),
      [](const Variables& v) { return expand(v[0], {3, 2, 4}); },
      [](const Arrays& v) {
        Array y({3, 2, 4});
        for (const Index& i : indices(y.shape)) y[i] = v[0].shown(i);
        return y;
      });
  return list.take();
}

std::vector<Misuse> expand_misuses() {
  const auto to = [](const Shape& shape) -> Function {
    return [shape](const Variables& v) { return expand(v[0], shape); };
  };
  return {
      {"a size that is not 1", Refusal::shape, {f64({2, 3})}, to({4, 3})},
      {"fewer axes", Refusal::shape, {f64({1, 3})}, to({3})},
      {"2 to 0", Refusal::shape, {f64({2})}, to({0})},
      {"0 to 1", Refusal::shape, {f64({0})}, to({1})},
      {"a negative size", Refusal::shape, {f64({1})}, to({-1}), "shape"},
      {"more than 63 bits", Refusal::shape, {f64({1})}, to({std::int64_t{1} << 40, std::int64_t{1} << 40}), "shape"}};
}

std::vector<Sample> unsqueeze_samples() {
  List list;
  const auto add = [&](const Shape& from, int axis, const Shape& to) {
    list.add("axis", from, [axis](const Variables& v) { return unsqueeze(v[0], axis); }, renamed(to));
  };
  add({2, 3}, 0, {1, 2, 3});
  add({2, 3}, 1, {2, 1, 3});
  add({2, 3}, 2, {2, 3, 1});
  add({2, 3}, -1, {2, 3, 1});
  add({2, 3}, -3, {1, 2, 3});
  add({}, 0, {1});
  add({}, -1, {1});
  add({0, 2}, 1, {0, 1, 2});
  add({1, 2, 1, 2, 1, 2}, 3, {1, 2, 1, 1, 2, 1, 2});
  return list.take();
}

std::vector<Misuse> unsqueeze_misuses() {
  const auto at = [](int axis) -> Function { return [axis](const Variables& v) { return unsqueeze(v[0], axis); }; };
  return {{"too large", Refusal::index, {f64({2, 3})}, at(3)},
          {"too small", Refusal::index, {f64({2, 3})}, at(-4)},
          {"0-d", Refusal::index, {f64({})}, at(1)}};
}

std::vector<Sample> squeeze_samples() {
  List list;
  const auto add = [&](const Shape& from, int axis, const Shape& to) {
    list.add("axis", from, [axis](const Variables& v) { return squeeze(v[0], axis); }, renamed(to));
  };
  add({1, 3}, 0, {3});
  add({3, 1}, 1, {3});
  add({3, 1}, -1, {3});
  add({2, 1, 3}, -2, {2, 3});
  add({1}, 0, {});
  add({0, 1, 2}, 1, {0, 2});
  add({1, 2, 1, 2, 1, 2}, 4, {1, 2, 1, 2, 2});
  return list.take();
}

std::vector<Misuse> squeeze_misuses() {
  const auto at = [](int axis) -> Function { return [axis](const Variables& v) { return squeeze(v[0], axis); }; };
  return {{"size 3", Refusal::shape, {f64({1, 3})}, at(1)},
          {"size 0", Refusal::shape, {f64({0})}, at(0)},
          {"too large", Refusal::index, {f64({1, 3})}, at(2)},
          {"too small", Refusal::index, {f64({1, 3})}, at(-3)},
          {"0-d", Refusal::index, {f64({})}, at(0)}};
}

OpCase row(const std::string& name, std::function<std::vector<Sample>()> samples,
           std::function<std::vector<Misuse>()> misuses) {
  return {.name = name, .samples = std::move(samples), .misuses = std::move(misuses)};
}

}  // namespace

std::vector<OpCase> view_cases() {
  OpCase expand_row = row("expand", expand_samples, expand_misuses);
  expand_row.sums_gradient = true;
  return {row("reshape", reshape_samples, reshape_misuses),
          row("permute", permute_samples, permute_misuses),
          row("transpose", transpose_samples, transpose_misuses),
          row("mT", mT_samples, mT_misuses),
          std::move(expand_row),
          row("unsqueeze", unsqueeze_samples, unsqueeze_misuses),
          row("squeeze", squeeze_samples, squeeze_misuses)};
}

}  // namespace heed::test
