// Rows of losses over classes with all that they may be told.
#include <cmath>
#include <limits>

#include "heed/autograd/fused/cross_entropy.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "op_cases.h"

namespace heed::test {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(),
                 not_a_number = std::numeric_limits<double>::quiet_NaN();

using Loss = Variable (*)(const Variable&, const Tensor&, const ClassLossOptions&);

// What a sample's call is told: `options`, whose tensors are converted to the dtype of x.
struct Call {
  Tensor targets;
  ClassLossOptions options;

  Variable operator()(Loss loss, const Variable& x) const {
    const auto as_x = [&](const Tensor& t) { return t.defined() && is_float(t.dtype()) ? to(t, x.dtype()) : t; };
    ClassLossOptions converted = options;
    converted.weights = as_x(options.weights);
    converted.class_weights = as_x(options.class_weights);
    return loss(x, as_x(targets), converted);
  }
};

// log softmax of a row, or the row itself. Beside an infinite number the logarithm of a softmax is NaN; that of the sum
// alone, which the fused operation takes, is infinite.
std::vector<double> logs_of(const Array& x, const Index& row, bool are_logits, bool is_fused) {
  std::vector<double> logs;
  double total = 0;
  bool infinite = false;
  for (std::int64_t j = 0; j < x.shape[x.shape.rank() - 1]; ++j) {
    Index at = row;
    at.push_back(j);
    logs.push_back(x[at]);
    total += std::exp(x[at]);
    infinite |= x[at] == infinity;
  }
  if (are_logits)
    for (double& number : logs) number = infinite && !is_fused ? not_a_number : number - std::log(total);
  return logs;
}

Array expected(const Array& x, const Call& call, bool are_logits) {
  const ClassLossOptions& o = call.options;
  Shape rows = x.shape;
  rows.erase(rows.rank() - 1);
  const Array targets = to_array(call.targets), one({}, 1);
  const Array w = o.weights.defined() ? to_array(o.weights) : one,
              c = o.class_weights.defined() ? to_array(o.class_weights) : one;
  const bool hard = call.targets.dtype() == DType::i64;
  const double classes = static_cast<double>(x.shape[x.shape.rank() - 1]);
  Array terms(rows), result;
  double total = 0, divisor = 0;
  for (const Index& row : indices(rows)) {
    if (w.shown(row) == 0) continue;
    if (hard && o.ignore_index && targets[row] == static_cast<double>(*o.ignore_index)) continue;
    const bool is_fused = hard && o.label_smoothing == 0 && o.reduction == Reduction::mean;
    if (is_fused && c.shown({static_cast<std::int64_t>(targets[row])}) == 0) continue;
    const std::vector<double> logs = logs_of(x, row, are_logits, is_fused);
    double term = 0;
    for (std::size_t j = 0; j < logs.size(); ++j) {
      Index at = row;
      at.push_back(static_cast<std::int64_t>(j));
      const double wanted = hard ? (targets[row] == static_cast<double>(j) ? 1 : 0) : targets[at];
      const double weight = c.shown({static_cast<std::int64_t>(j)});
      const double share = weight * ((1 - o.label_smoothing) * wanted + o.label_smoothing / classes);
      if (share != 0) term -= share * logs[j];
    }
    terms[row] = w.shown(row) * term;
    total += terms[row];
    divisor += std::abs(w.shown(row) * (hard ? c.shown({static_cast<std::int64_t>(targets[row])}) : 1));
  }
  if (o.reduction == Reduction::none) return terms;
  result[{}] = o.reduction == Reduction::sum ? total : divisor == 0 ? 0 : total / divisor;
  return result;
}

std::vector<Sample> samples(Loss loss, bool are_logits) {
  Numbers numbers(62);
  std::vector<Sample> result;
  // x and the targets, in braces: so they are drawn in this order by every compiler.
  const auto add = [&](const std::string& what, const std::vector<Tensor>& given,
                       const ClassLossOptions& options) -> Sample& {
    const Call call{given[1], options};
    std::vector<Tensor> constants{call.targets};
    for (const Tensor& t : {options.weights, options.class_weights})
      if (t.defined()) constants.push_back(t);
    return result.emplace_back(Sample{what + " " + given[0].shape().str(),
                                      {given[0]},
                                      [=](const Variables& v) { return call(loss, v[0]); },
                                      [=](const Arrays& v) { return expected(v[0], call, are_logits); },
                                      constants});
  };
  const auto logits = [&](const Shape& shape) { return numbers.uniform(shape); };
  const auto classes = [&](const Shape& shape, std::int64_t count) {
    Array array(shape);
    for (double& number : array.numbers) number = static_cast<double>(numbers.uniform_int(count));
    return to_tensor(array, DType::i64);
  };
  const auto fixed = [](std::initializer_list<double> ids) {
    return tensor(ids, {static_cast<std::int64_t>(ids.size())}, DType::i64);
  };
  const auto positive = [&](const Shape& shape) { return numbers.uniform(shape, 0.25, 2); };
  const Tensor three = positive({3}), four = positive({4}), many = positive({61}),
               some = tensor({1, 0, 2, 0.5}, {4}, DType::f64), signs = tensor({1, 0, 2, -0.5}, {4}, DType::f64);
  for (const Reduction reduction : {Reduction::mean, Reduction::sum, Reduction::none}) {
    const auto with = [&](ClassLossOptions options) {
      options.reduction = reduction;
      return options;
    };
    add("plain", {logits({3, 5}), classes({3}, 5)}, with({}));
    add("one row", {logits({5}), classes({}, 5)}, with({.label_smoothing = 0.25}));
    add("no rows", {logits({0, 4}), classes({0}, 4)}, with({.label_smoothing = 0.25}));
    add("weights", {logits({4, 3}), classes({4}, 3)}, with({.weights = four}));
    add("class weights", {logits({2, 3, 4}), classes({2, 3}, 4)}, with({.class_weights = four}));
    add("a class of weight 0", {logits({3, 4}), fixed({1, 0, 2})}, with({.class_weights = some}));
    add("ignored", {logits({4, 3}), fixed({1, 2, 0, 2})}, with({.ignore_index = 2}));
    add("all ignored", {logits({2, 3}), fixed({-100, -100})}, with({.ignore_index = -100, .label_smoothing = 0.5}));
    add("smoothing", {logits({3, 4}), classes({3}, 4)}, with({.label_smoothing = 0.125}));
    add("all smoothed", {logits({3, 4}), classes({3}, 4)}, with({.label_smoothing = 1}));
    add("everything", {logits({4, 3}), fixed({1, 7, -3, 0})},
        with({.weights = signs, .class_weights = three, .ignore_index = -3, .label_smoothing = 0.25}));
    add("weights 0 and targets of any kind", {logits({4, 3}), fixed({1, -100, 2, 0})},
        with({.weights = some, .label_smoothing = 0.25}));
    add("probabilities", {logits({3, 4}), positive({3, 4})}, with({}));
    add("probabilities, one of them 1", {logits({2, 2}), tensor({1, 0, 0.25, 0.75}, {2, 2}, DType::f64)}, with({}));
    add("probabilities, everything", {logits({4, 4}), positive({4, 4})},
        with({.weights = signs, .class_weights = some, .label_smoothing = 0.25}));
    add("strided targets", {logits({3, 5}), laid_out(classes({3}, 5), Layout::reversed)},
        with({.label_smoothing = 0.25}));
    add("many rows", {logits({70, 61}), classes({70}, 61)}, with({.class_weights = many, .label_smoothing = 0.25}))
        .large = true;
  }
  return result;
}

std::vector<Misuse> misuses(Loss loss) {
  const auto with = [loss](const Tensor& targets, const ClassLossOptions& options = {}) -> Function {
    return [=](const Variables& v) { return loss(v[0], targets, options); };
  };
  const auto f64 = [](const Shape& shape) { return zeros(shape, DType::f64); };
  const Tensor x = f64({2, 3}), good = zeros({2}, DType::i64);
  const auto ids = [](double second) { return tensor({0, second}, {2}, DType::i64); };
  return {{"target too large", Refusal::index, {x}, with(ids(3), {.label_smoothing = 0.5})},
          {"target negative", Refusal::index, {x}, with(ids(-1), {.reduction = Reduction::sum})},
          {"another one is ignored", Refusal::index, {x}, with(ids(-2), {.ignore_index = -1})},
          {"no classes", Refusal::index, {f64({2, 0})}, with(good, {.label_smoothing = 0.5})},
          {"targets of another size", Refusal::shape, {x}, with(zeros({3}, DType::i64))},
          {"classes of x's shape", Refusal::shape, {x}, with(zeros({2, 3}, DType::i64))},
          {"probabilities of rows", Refusal::shape, {x}, with(f64({2}))},
          {"weights of another size", Refusal::shape, {x}, with(good, {.weights = f64({3})})},
          {"class weights of another size", Refusal::shape, {x}, with(good, {.class_weights = f64({2})})},
          {"0-d x", Refusal::shape, {f64({})}, with(zeros({}, DType::i64))},
          {"integer x", Refusal::dtype, {zeros({2, 3}, DType::i64)}, with(good)},
          {"boolean targets", Refusal::dtype, {x}, with(zeros({2}, DType::boolean))},
          {"probabilities f32", Refusal::dtype, {x}, with(zeros({2, 3}))},
          {"weights f32", Refusal::dtype, {x}, with(good, {.weights = zeros({2})})},
          {"class weights f32", Refusal::dtype, {x}, with(good, {.class_weights = zeros({3})})}};
}

OpCase row(const std::string& name, Loss loss, bool are_logits) {
  return {.name = name,
          .samples = [=] { return samples(loss, are_logits); },
          .misuses = [=] { return misuses(loss); },
          .ulps = 32,
          .scale = 4,
          .shows_every_nan = false};
}

}  // namespace

std::vector<OpCase> class_loss_cases() {
  return {row("nll_loss", nll_loss, false), row("cross_entropy, options", cross_entropy, true)};
}

}  // namespace heed::test
