// Rows of the operations that cut tensors into pieces and put pieces together.
#include <limits>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/tensor/create.h"
#include "op_cases.h"

namespace heed::test {
namespace {

constexpr std::int64_t end = to_end, far = 100, least = std::numeric_limits<std::int64_t>::min();

Tensor f64(const Shape& shape) { return zeros(shape, DType::f64); }
// The places Python's x[begin:last:step] takes from an axis of this size; to_end is an empty bound.
std::vector<std::int64_t> places(std::int64_t size, std::int64_t begin, std::int64_t last, std::int64_t step) {
  std::vector<std::int64_t> result;
  const auto inside = [&](std::int64_t i) { return i >= 0 && i < size; };
  if (begin < 0) begin = begin < -size ? -1 : begin + size;  // -1: before the first
  if (begin > size) begin = size;
  if (last != to_end && last < 0) last = last < -size ? -1 : last + size;
  if (step > 0 && begin < 0) begin = 0;
  if (step < 0 && begin >= size) begin = size - 1;
  if (last == to_end) last = step > 0 ? size : -1;
  for (std::int64_t i = begin; inside(i) && (step > 0 ? i < last : i > last); i += step) {
    result.push_back(i);
    if (step > size || step < -size) break;  // the next one is outside, and the sum might overflow
  }
  return result;
}

struct Cut {
  Shape shape;
  int axis;
  std::int64_t begin, last, step;
};

const std::vector<Cut>& cuts() {
  static const std::vector<Cut> all = {
      {{5}, 0, 1, 4, 1},          {{5}, 0, 0, end, 2},      {{5}, 0, -1, end, -1},
      {{5}, 0, -2, 0, -2},        {{5}, 0, -far, far, 1},   {{5}, 0, far, -far, -1},
      {{5}, 0, 3, 1, 1},          {{5}, 0, 1, 3, -1},       {{5}, 0, 2, end, far},
      {{5}, 0, 4, end, -far},     {{5}, 0, 0, end, least},  {{5}, 0, end, end, -1},
      {{0}, 0, 0, end, 1},        {{0}, 0, -1, end, -1},    {{3, 4}, 1, 1, 3, 1},
      {{3, 4}, -1, end, end, -2}, {{3, 4}, 0, 1, 2, 1},     {{3, 0}, 0, 1, end, 1},
      {{3, 4}, -2, -2, -1, 1},    {{2, 5, 3}, 1, 4, 0, -2}, {{1, 2, 1, 4, 1, 2}, 3, 1, -1, 1},
  };
  return all;
}

std::string described(const Cut& c) {
  return "[" + std::to_string(c.begin) + ":" + std::to_string(c.last) + ":" + std::to_string(c.step) + "] of axis " +
         std::to_string(c.axis) + " of " + c.shape.str();
}

std::vector<Sample> slice_samples() {
  Numbers numbers(6);
  std::vector<Sample> result;
  for (const Cut& c : cuts())
    result.push_back({described(c),
                      {numbers.uniform(c.shape)},
                      [c](const Variables& v) { return slice(v[0], c.axis, c.begin, c.last, c.step); },
                      [c](const Arrays& v) {
                        const std::size_t axis = to_size(c.axis < 0 ? c.axis + c.shape.rank() : c.axis);
                        const auto taken = places(c.shape[static_cast<int>(axis)], c.begin, c.last, c.step);
                        Shape shape = c.shape;
                        shape[static_cast<int>(axis)] = static_cast<std::int64_t>(taken.size());
                        Array y(shape);
                        for (const Index& i : indices(shape)) {
                          Index from = i;
                          from[axis] = taken[to_size(i[axis])];
                          y[i] = v[0][from];
                        }
                        return y;
                      }});
  return result;
}

std::vector<Misuse> slice_misuses() {
  const auto by = [](int axis, std::int64_t step) -> Function {
    return [=](const Variables& v) { return slice(v[0], axis, 0, 1, step); };
  };
  return {{"step 0", Refusal::index, {f64({2, 3})}, by(0, 0)},
          {"axis too large", Refusal::index, {f64({2, 3})}, by(2, 1)},
          {"axis too small", Refusal::index, {f64({2, 3})}, by(-3, 1)},
          {"0-d", Refusal::index, {f64({})}, by(0, 1)}};
}

std::vector<Sample> slice_scatter_samples() {
  Numbers numbers(7);
  std::vector<Sample> result;
  for (const Cut& c : cuts()) {
    const std::size_t axis = to_size(c.axis < 0 ? c.axis + c.shape.rank() : c.axis);
    const auto taken = places(c.shape[static_cast<int>(axis)], c.begin, c.last, c.step);
    Shape shape = c.shape;
    shape[static_cast<int>(axis)] = static_cast<std::int64_t>(taken.size());
    result.push_back({described(c),
                      {numbers.uniform(shape)},
                      [c](const Variables& v) { return slice_scatter(v[0], c.shape, c.axis, c.begin, c.last, c.step); },
                      [=](const Arrays& v) {
                        Array y(c.shape);
                        for (const Index& i : indices(shape)) {
                          Index to = i;
                          to[axis] = taken[to_size(i[axis])];
                          y[to] = v[0][i];
                        }
                        return y;
                      }});
  }
  return result;
}

std::vector<Misuse> slice_scatter_misuses() {
  const auto into = [](const Shape& shape, int axis, std::int64_t step) -> Function {
    return [=](const Variables& v) { return slice_scatter(v[0], shape, axis, 0, 2, step); };
  };
  return {{"another length", Refusal::shape, {f64({3})}, into({5}, 0, 1)},
          {"another rank", Refusal::shape, {f64({2})}, into({5, 1}, 0, 1)},
          {"another size beside the axis", Refusal::shape, {f64({2, 3})}, into({5, 4}, 0, 1)},
          {"a shape too short for the slice", Refusal::shape, {f64({2})}, into({1}, 0, 1)},
          {"step 0", Refusal::index, {f64({2})}, into({5}, 0, 0), "slice"},
          {"axis outside", Refusal::index, {f64({2})}, into({5}, 1, 1), "slice"}};
}

std::vector<Sample> select_samples() {
  Numbers numbers(8);
  std::vector<Sample> result;
  const auto add = [&](const Shape& shape, int axis, std::int64_t index) {
    result.push_back({"element " + std::to_string(index) + " of axis " + std::to_string(axis) + " of " + shape.str(),
                      {numbers.uniform(shape)},
                      [=](const Variables& v) { return select(v[0], axis, index); },
                      [=](const Arrays& v) {
                        const int at = axis < 0 ? axis + shape.rank() : axis;
                        Shape rest = shape;
                        rest.erase(at);
                        Array y(rest);
                        for (const Index& i : indices(rest)) {
                          Index from = i;
                          from.insert(from.begin() + at, index < 0 ? index + shape[at] : index);
                          y[i] = v[0][from];
                        }
                        return y;
                      }});
  };
  add({5}, 0, 0);
  add({5}, 0, -1);
  add({5}, -1, -5);
  add({3, 4}, 0, 2);
  add({3, 4}, 1, -2);
  add({3, 4}, -2, 1);
  add({1}, 0, 0);
  add({3, 0}, 0, 1);
  add({1, 2, 1, 4, 1, 2}, 3, -1);
  return result;
}

std::vector<Misuse> select_misuses() {
  const auto by = [](int axis, std::int64_t index) -> Function {
    return [=](const Variables& v) { return select(v[0], axis, index); };
  };
  return {{"index too large", Refusal::index, {f64({2, 3})}, by(1, 3)},
          {"index too small", Refusal::index, {f64({2, 3})}, by(0, -3)},
          {"empty axis", Refusal::index, {f64({0})}, by(0, 0)},
          {"axis outside", Refusal::index, {f64({2, 3})}, by(2, 0)},
          {"0-d", Refusal::index, {f64({})}, by(0, 0)}};
}

// The pieces one after the other along `axis` >= 0.
Array joined(const Arrays& parts, std::size_t axis) {
  Shape shape = parts[0].shape;
  shape[static_cast<int>(axis)] = 0;
  for (const Array& part : parts) shape[static_cast<int>(axis)] += part.shape[static_cast<int>(axis)];
  Array y(shape);
  std::int64_t begin = 0;
  for (const Array& part : parts) {
    for (const Index& i : indices(part.shape)) {
      Index to = i;
      to[axis] += begin;
      y[to] = part[i];
    }
    begin += part.shape[static_cast<int>(axis)];
  }
  return y;
}

std::vector<Sample> concat_samples() {
  Numbers numbers(9);
  std::vector<Sample> result;
  const auto add = [&](const std::string& what, const std::vector<Shape>& shapes, int axis) {
    std::vector<Tensor> inputs;
    for (const Shape& shape : shapes) inputs.push_back(numbers.uniform(shape));
    const std::size_t at = to_size(axis < 0 ? axis + shapes[0].rank() : axis);
    result.push_back({what, inputs, [axis](const Variables& v) { return concat(v, axis); },
                      [at](const Arrays& v) { return joined(v, at); }});
  };
  add("rows", {{2, 3}, {1, 3}, {4, 3}}, 0);
  add("columns", {{2, 3}, {2, 1}}, 1);
  add("last axis", {{2, 3}, {2, 2}, {2, 1}}, -1);
  add("first axis from the end", {{2, 3}, {1, 3}}, -2);
  add("one piece", {{2, 3}}, 0);
  add("an empty piece", {{2, 3}, {0, 3}, {1, 3}}, 0);
  add("empty pieces only", {{2, 0}, {2, 0}}, 1);
  add("nothing beside the axis", {{2, 0}, {1, 0}}, 0);
  add("vectors", {{1}, {5}, {2}}, 0);
  add("rank 6", {{1, 2, 1, 2, 1, 2}, {1, 2, 1, 3, 1, 2}}, 3);
  result.push_back({"the same tensor twice",
                    {numbers.uniform({2, 3})},
                    [](const Variables& v) { return concat({v[0], v[0]}, 1); },
                    [](const Arrays& v) { return joined({v[0], v[0]}, 1); }});
  return result;
}

std::vector<Misuse> concat_misuses() {
  const auto along = [](int axis) -> Function { return [axis](const Variables& v) { return concat(v, axis); }; };
  return {{"no pieces", Refusal::shape, {}, along(0)},
          {"sizes differ", Refusal::shape, {f64({2, 3}), f64({2, 4})}, along(0)},
          {"ranks differ", Refusal::shape, {f64({2, 3}), f64({3})}, along(0)},
          {"axis too large", Refusal::index, {f64({2, 3}), f64({2, 3})}, along(2)},
          {"0-d", Refusal::index, {f64({}), f64({})}, along(0)},
          {"dtypes differ", Refusal::dtype, {f64({2}), zeros({2})}, along(0)}};
}

std::vector<Sample> stack_samples() {
  Numbers numbers(10);
  std::vector<Sample> result;
  const auto add = [&](const Shape& shape, std::size_t count, int axis) {
    std::vector<Tensor> inputs;
    for (std::size_t i = 0; i < count; ++i) inputs.push_back(numbers.uniform(shape));
    const std::size_t at = to_size(axis < 0 ? axis + shape.rank() + 1 : axis);
    result.push_back({std::to_string(count) + " times " + shape.str() + " along " + std::to_string(axis), inputs,
                      [axis](const Variables& v) { return stack(v, axis); },
                      [at](const Arrays& v) {
                        Arrays layers = v;
                        for (Array& layer : layers) layer.shape.insert(static_cast<int>(at), 1);
                        return joined(layers, at);
                      }});
  };
  add({2, 3}, 2, 0);
  add({2, 3}, 3, 1);
  add({2, 3}, 2, 2);
  add({2, 3}, 2, -1);
  add({2, 3}, 2, -3);
  add({}, 3, 0);
  add({}, 1, -1);
  add({0, 2}, 2, 1);
  add({2, 1, 2, 1, 2}, 2, 3);
  return result;
}

std::vector<Misuse> stack_misuses() {
  const auto along = [](int axis) -> Function { return [axis](const Variables& v) { return stack(v, axis); }; };
  return {{"no pieces", Refusal::shape, {}, along(0)},
          {"sizes differ", Refusal::shape, {f64({2, 3}), f64({1, 3})}, along(0)},
          {"ranks differ", Refusal::shape, {f64({3}), f64({1, 3})}, along(0)},
          {"axis too large", Refusal::index, {f64({2}), f64({2})}, along(2)},
          {"axis too small", Refusal::index, {f64({2}), f64({2})}, along(-3)},
          {"dtypes differ", Refusal::dtype, {f64({2}), zeros({2})}, along(0), "concat"}};
}

// A node with several results: one of them is used, or some, or the same one twice.
std::vector<Sample> unstack_samples() {
  Numbers numbers(11);
  std::vector<Sample> result;
  const auto layer = [](const Array& x, int axis, std::int64_t at) {
    Shape rest = x.shape;
    rest.erase(axis);
    Array y(rest);
    for (const Index& i : indices(rest)) {
      Index from = i;
      from.insert(from.begin() + axis, at);
      y[i] = x[from];
    }
    return y;
  };
  const auto add = [&](const std::string& what, const Shape& shape, int axis, std::size_t one, std::size_t other) {
    const int at = axis < 0 ? axis + shape.rank() : axis;
    result.push_back({what,
                      {numbers.uniform(shape)},
                      [=](const Variables& v) {
                        const Variables parts = unstack(v[0], axis);
                        return one == other ? parts[one] : parts[one] * parts[other];
                      },
                      [=](const Arrays& v) {
                        Array y = layer(v[0], at, static_cast<std::int64_t>(one));
                        const Array second = layer(v[0], at, static_cast<std::int64_t>(other));
                        for (std::size_t i = 0; one != other && i < y.numbers.size(); ++i)
                          y.numbers[i] *= second.numbers[i];
                        return y;
                      }});
  };
  add("the first row", {3, 2}, 0, 0, 0);
  add("the last row", {3, 2}, 0, 2, 2);
  add("two of three columns", {2, 3}, 1, 2, 0);
  add("both halves of the last axis", {2, 3, 2}, -1, 0, 1);
  add("middle axis from the end", {2, 3, 2}, -2, 1, 2);
  add("numbers of a vector", {4}, 0, 1, 3);
  add("an axis of size 1", {2, 1}, 1, 0, 0);
  add("empty layers", {2, 0}, 0, 0, 1);
  add("rank 6", {1, 2, 1, 3, 1, 2}, 3, 2, 1);
  return result;
}

std::vector<Misuse> unstack_misuses() {
  const auto along = [](int axis) -> Function { return [axis](const Variables& v) { return unstack(v[0], axis)[0]; }; };
  return {{"axis too large", Refusal::index, {f64({2, 3})}, along(2)},
          {"axis too small", Refusal::index, {f64({2, 3})}, along(-3)},
          {"0-d", Refusal::index, {f64({})}, along(0)}};
}

}  // namespace

std::vector<OpCase> join_cases() {
  return {{.name = "slice", .samples = slice_samples, .misuses = slice_misuses, .shows_every_nan = false},
          {.name = "slice_scatter", .samples = slice_scatter_samples, .misuses = slice_scatter_misuses},
          {.name = "select", .samples = select_samples, .misuses = select_misuses, .shows_every_nan = false},
          {.name = "concat", .samples = concat_samples, .misuses = concat_misuses},
          {.name = "stack", .samples = stack_samples, .misuses = stack_misuses},
          {.name = "unstack", .samples = unstack_samples, .misuses = unstack_misuses, .shows_every_nan = false}};
}

}  // namespace heed::test
