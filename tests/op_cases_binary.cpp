// Rows of the element-wise functions of two arguments, which broadcast, and of `where`.
#include <cmath>

#include "heed/autograd/ops/elementwise.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "op_cases.h"

namespace heed::test {
namespace {

using Operation = Variable (*)(const Variable&, const Variable&);
using Formula = double (*)(double, double);

struct Shapes {
  const char* what;
  Shape a, b, result;
};

const std::vector<Shapes>& broadcasts() {
  static const std::vector<Shapes> all = {
      {"equal shapes", {2, 3}, {2, 3}, {2, 3}},
      {"0-d", {}, {}, {}},
      {"number on the right", {2, 3}, {}, {2, 3}},
      {"number on the left", {}, {2, 3}, {2, 3}},
      {"row on the right", {2, 3}, {3}, {2, 3}},
      {"row on the left", {3}, {2, 3}, {2, 3}},
      {"column and row", {2, 1}, {1, 3}, {2, 3}},
      {"size 1 against 0-d", {1}, {}, {1}},
      {"size 1 against 4", {1}, {4}, {4}},
      {"middle axis both ways", {2, 1, 3}, {4, 1}, {2, 4, 3}},
      {"nothing against a row", {0, 3}, {3}, {0, 3}},
      {"nothing against one", {0}, {1}, {0}},
      {"empty last axis", {2, 0}, {2, 1}, {2, 0}},
      {"rank 6", {1, 2, 1, 2, 1, 2}, {2, 1, 2, 1, 1, 2}, {2, 2, 2, 2, 1, 2}},
      {"one vector and a bit", {2, 19}, {19}, {2, 19}},
  };
  return all;
}

Array combine(const Array& a, const Array& b, const Shape& shape, Formula f) {
  Array y(shape);
  for (const Index& i : indices(shape)) y[i] = f(a.shown(i), b.shown(i));
  return y;
}

// Divisors, and operands that must not be equal to each other.
enum class Operands { any, second_not_zero, never_equal };

std::vector<Sample> samples(Operation operation, Formula formula, Operands operands) {
  Numbers numbers(3);
  std::vector<Sample> result;
  const auto first = [&](const Shape& shape) {
    return operands == Operands::never_equal ? numbers.spaced(shape) : numbers.uniform(shape);
  };
  const auto second = [&](const Shape& shape) {
    if (operands == Operands::any) return numbers.uniform(shape);
    return operands == Operands::never_equal ? numbers.spaced(shape, 0.125) : numbers.away_from_zero(shape);
  };
  // Both in braces: so they are drawn in their order by every compiler.
  const auto add = [&](const char* what, const std::vector<Tensor>& both, const Shape& shape) -> Sample& {
    return result.emplace_back(
        Sample{what, both, [operation](const Variables& v) { return operation(v[0], v[1]); },
               [formula, shape](const Arrays& v) { return combine(v[0], v[1], shape, formula); }});
  };
  for (const Shapes& s : broadcasts()) add(s.what, {first(s.a), second(s.b)}, s.result);
  add("expanded, stride 0", {expand(first({2, 1}), {2, 3}), expand(second({3}), {2, 3})}, {2, 3});
  add("long strided rows", {first({3, 700}), second({3, 1})}, {3, 700}).large = true;
  add("many chunks", {first({41, 1013}), second({1013})}, {41, 1013}).large = true;
  if (operands != Operands::never_equal) {
    result.push_back({"the same tensor twice",
                      {second({2, 3})},
                      [operation](const Variables& v) { return operation(v[0], v[0]); },
                      [formula](const Arrays& v) { return combine(v[0], v[0], v[0].shape, formula); }});
    result.back().cancels = true;  // a - a, a / a
  }
  return result;
}

std::vector<Misuse> misuses(Operation operation, bool takes_integers) {
  const Function apply = [operation](const Variables& v) { return operation(v[0], v[1]); };
  const auto f = [](const Shape& shape) { return zeros(shape, DType::f64); };
  const DType refused = takes_integers ? DType::boolean : DType::i64;
  return {{"sizes differ", Refusal::shape, {f({2, 3}), f({2, 4})}, apply},
          {"sizes differ in front", Refusal::shape, {f({2, 3}), f({3, 3})}, apply},
          {"ranks and sizes differ", Refusal::shape, {f({2}), f({2, 3})}, apply},
          {"0 against 2", Refusal::shape, {f({0}), f({2})}, apply},
          {"f32 with f64", Refusal::dtype, {zeros({2}), f({2})}, apply},
          {"f64 with i64", Refusal::dtype, {f({2}), arange(2)}, apply},
          {"both of a dtype it does not take", Refusal::dtype, {zeros({2}, refused), zeros({2}, refused)}, apply},
          {"the same, broadcast", Refusal::dtype, {zeros({2, 1}, refused), zeros({2}, refused)}, apply}};
}

OpCase row(const std::string& name, Operation operation, Formula formula, Operands operands = Operands::any,
           bool takes_integers = false) {
  return {.name = name,
          .samples = [=] { return samples(operation, formula, operands); },
          .misuses = [=] { return misuses(operation, takes_integers); },
          .sums_gradient = true};
}

std::vector<Sample> where_samples() {
  Numbers numbers(4);
  std::vector<Sample> result;
  const auto add = [&](const std::string& what, const Tensor& condition, const Shape& a, const Shape& b,
                       const Shape& shape) -> Sample& {
    const Array chosen = to_array(condition);
    return result.emplace_back(Sample{what,
                                      {numbers.uniform(a), numbers.uniform(b)},
                                      [condition](const Variables& v) { return where(condition, v[0], v[1]); },
                                      [chosen, shape](const Arrays& v) {
                                        Array y(shape);
                                        for (const Index& i : indices(shape))
                                          y[i] = chosen.shown(i) != 0 ? v[0].shown(i) : v[1].shown(i);
                                        return y;
                                      },
                                      {condition}});
  };
  for (const Shapes& s : broadcasts()) add(s.what, numbers.mask(s.result), s.a, s.b, s.result);
  add("a choice per row", numbers.mask({4, 1}, 0.5), {4, 5}, {4, 5}, {4, 5});
  add("a choice per column", numbers.mask({5}, 0.5), {4, 5}, {4, 5}, {4, 5});
  add("the condition alone is large", numbers.mask({4, 5}, 0.5), {}, {1}, {4, 5});
  add("all true", numbers.mask({2, 3}, 2), {2, 3}, {3}, {2, 3});
  add("all false", numbers.mask({2, 3}, -1), {2, 3}, {3}, {2, 3});
  add("strided condition", laid_out(numbers.mask({3, 4}), Layout::transposed), {3, 4}, {3, 1}, {3, 4});
  add("many chunks", numbers.mask({41, 1013}), {41, 1013}, {1013}, {41, 1013}).large = true;
  return result;
}

std::vector<Misuse> where_misuses() {
  const auto with = [](const Tensor& condition) -> Function {
    return [condition](const Variables& v) { return where(condition, v[0], v[1]); };
  };
  const auto f = [](const Shape& shape) { return zeros(shape, DType::f64); };
  const Tensor yes = ones({2, 3}, DType::boolean);
  return {{"sides do not broadcast", Refusal::shape, {f({2, 3}), f({4})}, with(yes)},
          {"condition does not broadcast", Refusal::shape, {f({4, 3}), f({4, 3})}, with(yes)},
          {"condition is a number", Refusal::dtype, {f({2, 3}), f({2, 3})}, with(f({2, 3}))},
          {"condition is an integer", Refusal::dtype, {f({2}), f({2})}, with(arange(2))},
          {"no condition", Refusal::dtype, {f({2}), f({2})}, with({})},
          {"f32 with f64", Refusal::dtype, {f({2, 3}), zeros({2, 3})}, with(yes)}};
}

}  // namespace

std::vector<OpCase> binary_cases() {
  return {
      row(
          "add", add, [](double a, double b) { return a + b; }, Operands::any, true),
      row(
          "sub", sub, [](double a, double b) { return a - b; }, Operands::any, true),
      row(
          "mul", mul, [](double a, double b) { return a * b; }, Operands::any, true),
      row(
          "div", div, [](double a, double b) { return a / b; }, Operands::second_not_zero),
      row(
          "maximum", maximum, [](double a, double b) { return a > b || std::isnan(a) ? a : b; }, Operands::never_equal,
          true),
      row(
          "minimum", minimum, [](double a, double b) { return a < b || std::isnan(a) ? a : b; }, Operands::never_equal,
          true),
      {.name = "where",
       .samples = where_samples,
       .misuses = where_misuses,
       .shows_every_nan = false,
       .sums_gradient = true},
  };
}

}  // namespace heed::test
