// Rows of the operations that take and put by tensors of indices.
#include "heed/autograd/ops/index.h"
#include "heed/tensor/create.h"
#include "op_cases.h"

namespace heed::test {
namespace {

Tensor f64(const Shape& shape) { return zeros(shape, DType::f64); }

std::int64_t wrapped(double index, std::int64_t size) {
  const auto i = static_cast<std::int64_t>(index);
  return i < 0 ? i + size : i;
}

struct Selection {
  Shape x;
  int axis;
  Tensor indices;

  int at() const { return axis < 0 ? axis + x.rank() : axis; }
  std::string str() const { return indices.shape().str() + " of axis " + std::to_string(axis) + " of " + x.str(); }

  Shape selected() const {  // x's shape with that of the indices in place of the axis
    Shape shape;
    for (int i = 0; i < at(); ++i) shape.push_back(x[i]);
    for (std::int64_t size : indices.shape()) shape.push_back(size);
    for (int i = at() + 1; i < x.rank(); ++i) shape.push_back(x[i]);
    return shape;
  }
  Index source(const Index& i, const Array& ids) const {  // where in x the element i of the selection stands
    const auto first = i.begin() + at(), last = first + ids.shape.rank();
    Index result(i.begin(), first);
    result.push_back(wrapped(ids[Index(first, last)], x[at()]));
    result.insert(result.end(), last, i.end());
    return result;
  }
};

std::vector<Selection> selections(Numbers& numbers) {
  const auto ids = [](std::initializer_list<double> values, const Shape& shape) {
    return tensor(values, shape, DType::i64);
  };
  return {{{5}, 0, ids({4, 0, -1}, {3})},
          {{5, 2}, 0, ids({1, 1, 1, 3}, {4})},
          {{2, 5}, 1, ids({0, -5, 4}, {3})},
          {{2, 5}, -1, ids({2, 3}, {2})},
          {{4, 3}, 0, ids({3, 0, 1, 1}, {2, 2})},
          {{2, 3, 4}, 1, ids({2}, {})},
          {{2, 3, 4}, 2, ids({3, 3, -4, 1, 0, 0}, {3, 2})},
          {{5, 2}, 0, ids({}, {0})},
          {{0, 2}, 0, ids({}, {2, 0})},
          {{3, 0}, 0, ids({1, 2}, {2})},
          {{1, 2, 1, 3, 1, 2}, 3, ids({2, 0, 2}, {3})},
          {{6, 3}, 0, laid_out(numbers.index({2, 3}, 6), Layout::transposed)}};
}

std::vector<Sample> index_select_samples() {
  Numbers numbers(14);
  std::vector<Sample> result;
  const auto add = [&](const Selection& s) -> Sample& {
    const Array ids = to_array(s.indices);
    return result.emplace_back(Sample{s.str(),
                                      {numbers.uniform(s.x)},
                                      [s](const Variables& v) { return index_select(v[0], s.axis, s.indices); },
                                      [=](const Arrays& v) {
                                        Array y(s.selected());
                                        for (const Index& i : indices(y.shape)) y[i] = v[0][s.source(i, ids)];
                                        return y;
                                      },
                                      {s.indices}});
  };
  for (const Selection& s : selections(numbers)) add(s);
  add({{50, 33}, 0, numbers.index({1300}, 50)}).large = true;
  return result;
}

std::vector<Sample> index_add_samples() {
  Numbers numbers(15);
  std::vector<Sample> result;
  const auto add = [&](const Selection& s) -> Sample& {
    const Array ids = to_array(s.indices);
    return result.emplace_back(Sample{s.str(),
                                      {numbers.uniform(s.x), numbers.uniform(s.selected())},
                                      [s](const Variables& v) { return index_add(v[0], s.axis, s.indices, v[1]); },
                                      [=](const Arrays& v) {
                                        Array y = v[0];
                                        for (const Index& i : indices(v[1].shape)) y[s.source(i, ids)] += v[1][i];
                                        return y;
                                      },
                                      {s.indices}});
  };
  for (const Selection& s : selections(numbers)) add(s);
  add({{50, 133}, 0, numbers.index({700}, 50)}).large = true;
  return result;
}

struct Alongside {  // indices of x's rank
  Shape x;
  int axis;
  Tensor indices;

  std::string str() const { return indices.shape().str() + " along " + std::to_string(axis) + " of " + x.str(); }
  Index source(Index i, const Array& ids) const {
    const std::size_t at = static_cast<std::size_t>(axis < 0 ? axis + x.rank() : axis);
    const double index = ids[i];
    i[at] = wrapped(index, x[static_cast<int>(at)]);
    return i;
  }
};

std::vector<Alongside> alongsides(Numbers& numbers) {
  return {{{5}, 0, tensor({4, 0, -1, 0}, {4}, DType::i64)},
          {{2, 5}, 1, numbers.index({2, 3}, 5)},
          {{2, 5}, -1, numbers.index({2, 1}, 5)},
          {{2, 5}, 0, numbers.index({7, 5}, 2)},
          {{2, 3, 4}, 1, numbers.index({2, 5, 4}, 3)},
          {{2, 3, 4}, 2, laid_out(numbers.index({2, 3, 2}, 4), Layout::transposed)},
          {{3, 2}, 0, laid_out(numbers.index({3, 2}, 3), Layout::reversed)},
          {{2, 5}, 1, tensor({}, {2, 0}, DType::i64)},
          {{0, 5}, 1, tensor({}, {0, 3}, DType::i64)},
          {{0}, 0, tensor({}, {0}, DType::i64)},
          {{1, 2, 1, 3, 1, 2}, 3, numbers.index({1, 2, 1, 2, 1, 2}, 3)}};
}

std::vector<Sample> gather_samples() {
  Numbers numbers(16);
  std::vector<Sample> result;
  for (const Alongside& s : alongsides(numbers)) {
    const Array ids = to_array(s.indices);
    result.push_back({s.str(),
                      {numbers.uniform(s.x)},
                      [s](const Variables& v) { return gather(v[0], s.axis, s.indices); },
                      [=](const Arrays& v) {
                        Array y(ids.shape);
                        for (const Index& i : indices(ids.shape)) y[i] = v[0][s.source(i, ids)];
                        return y;
                      },
                      {s.indices}});
  }
  return result;
}

std::vector<Sample> scatter_add_samples() {
  Numbers numbers(17);
  std::vector<Sample> result;
  for (const Alongside& s : alongsides(numbers)) {
    const Array ids = to_array(s.indices);
    result.push_back({s.str(),
                      {numbers.uniform(s.x), numbers.uniform(s.indices.shape())},
                      [s](const Variables& v) { return scatter_add(v[0], s.axis, s.indices, v[1]); },
                      [=](const Arrays& v) {
                        Array y = v[0];
                        for (const Index& i : indices(ids.shape)) y[s.source(i, ids)] += v[1][i];
                        return y;
                      },
                      {s.indices}});
  }
  return result;
}

// What every one of the four refuses; `call` takes (inputs, axis, indices), `more` follows x; of a wrong rank and a
// wrong dtype at once it names `refused_first`.
using Call = Variable (*)(const Variables&, int, const Tensor&);
std::vector<Misuse> misuses(Call call, const std::vector<Tensor>& more, Refusal refused_first) {
  const auto with = [call](int axis, const Tensor& ids) -> Function {
    return [=](const Variables& v) { return call(v, axis, ids); };
  };
  std::vector<Tensor> inputs{f64({3, 2})};
  inputs.insert(inputs.end(), more.begin(), more.end());
  const auto ids = [](double first) { return tensor({first, 0}, {1, 2}, DType::i64); };
  std::vector<Tensor> scalar = inputs;
  scalar[0] = f64({});
  return {{"index too large", Refusal::index, inputs, with(0, ids(3))},
          {"index too small", Refusal::index, inputs, with(0, ids(-4))},
          {"axis too large", Refusal::index, inputs, with(2, ids(0))},
          {"axis too small", Refusal::index, inputs, with(-3, ids(0))},
          {"axis of 0-d", Refusal::index, scalar, with(0, ids(0))},
          {"indices are f32", Refusal::dtype, inputs, with(0, zeros({1, 2}))},
          {"indices are booleans", Refusal::dtype, inputs, with(0, zeros({1, 2}, DType::boolean))},
          {"indices of another rank, f32", refused_first, inputs, with(0, zeros({1, 2, 1}))},
          {"no indices", Refusal::dtype, inputs, with(0, {})}};
}

std::vector<Misuse> index_select_misuses() {
  std::vector<Misuse> result =
      misuses([](const Variables& v, int axis, const Tensor& ids) { return index_select(v[0], axis, ids); }, {},
              Refusal::dtype);
  const Tensor none = tensor({0}, {1}, DType::i64);
  result.push_back({"out of nothing", Refusal::index, {f64({0, 2})}, [none](const Variables& v) {
                      return index_select(v[0], 0, none);
                    }});
  const Tensor table = zeros({1, 1, 1, 1}, DType::i64);
  result.push_back({"more than 8 axes",
                    Refusal::shape,
                    {f64({1, 1, 1, 1, 1, 1})},
                    [table](const Variables& v) { return index_select(v[0], 0, table); },
                    "shape"});
  return result;
}

std::vector<Misuse> index_add_misuses() {
  const Call call = [](const Variables& v, int axis, const Tensor& ids) { return index_add(v[0], axis, ids, v[1]); };
  std::vector<Misuse> result = misuses(call, {f64({1, 2, 2})}, Refusal::dtype);
  const Function apply = [](const Variables& v) { return index_add(v[0], 0, tensor({0, 1}, {2}, DType::i64), v[1]); };
  result.push_back({"another number of slices", Refusal::shape, {f64({3, 2}), f64({1, 2})}, apply});
  result.push_back({"slices of another size", Refusal::shape, {f64({3, 2}), f64({2, 3})}, apply});
  result.push_back({"another rank", Refusal::shape, {f64({3, 2}), f64({2})}, apply});
  result.push_back({"dtypes differ", Refusal::dtype, {f64({3, 2}), zeros({2, 2})}, apply});
  result.push_back({"booleans", Refusal::dtype, {zeros({3}, DType::boolean), zeros({2}, DType::boolean)}, apply});
  return result;
}

std::vector<Misuse> gather_misuses() {
  std::vector<Misuse> result = misuses(
      [](const Variables& v, int axis, const Tensor& ids) { return gather(v[0], axis, ids); }, {}, Refusal::shape);
  const auto with = [](const Shape& shape) -> Function {
    return [shape](const Variables& v) { return gather(v[0], 0, zeros(shape, DType::i64)); };
  };
  result.push_back({"indices of another rank", Refusal::shape, {f64({3, 2})}, with({3})});
  result.push_back({"indices of another size", Refusal::shape, {f64({3, 2})}, with({1, 1})});
  return result;
}

std::vector<Misuse> scatter_add_misuses() {
  const Call call = [](const Variables& v, int axis, const Tensor& ids) { return scatter_add(v[0], axis, ids, v[1]); };
  std::vector<Misuse> result = misuses(call, {f64({1, 2})}, Refusal::shape);
  const auto with = [](const Shape& shape) -> Function {
    return [shape](const Variables& v) { return scatter_add(v[0], 0, zeros(shape, DType::i64), v[1]); };
  };
  result.push_back({"indices of another rank", Refusal::shape, {f64({3, 2}), f64({3})}, with({3})});
  result.push_back({"indices of another size", Refusal::shape, {f64({3, 2}), f64({1, 1})}, with({1, 1})});
  result.push_back({"source and indices differ", Refusal::shape, {f64({3, 2}), f64({2, 2})}, with({1, 2})});
  result.push_back({"dtypes differ", Refusal::dtype, {f64({3, 2}), zeros({1, 2})}, with({1, 2})});
  result.push_back({"booleans", Refusal::dtype, {zeros({3}, DType::boolean), zeros({1}, DType::boolean)}, with({1})});
  return result;
}

}  // namespace

std::vector<OpCase> index_cases() {
  return {
      {.name = "index_select",
       .samples = index_select_samples,
       .misuses = index_select_misuses,
       .shows_every_nan = false},
      {.name = "index_add", .samples = index_add_samples, .misuses = index_add_misuses, .ulps = 16, .scale = 20},
      {.name = "gather", .samples = gather_samples, .misuses = gather_misuses, .shows_every_nan = false},
      {.name = "scatter_add", .samples = scatter_add_samples, .misuses = scatter_add_misuses, .ulps = 16, .scale = 4}};
}

}  // namespace heed::test
