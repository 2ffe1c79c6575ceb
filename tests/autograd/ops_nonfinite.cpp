// NaN and infinity are passed on: a result shows them exactly where the formula does, and so does a gradient.
#include <cmath>
#include <cstring>
#include <limits>

#include "heed/autograd/backward.h"
#include "op_cases.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::test;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN(),
                 infinity = std::numeric_limits<double>::infinity();

bool has_nan(const Tensor& x) {
  for (double number : to_array(x).numbers)
    if (std::isnan(number)) return true;
  return false;
}

// inputs with one number replaced
std::vector<Tensor> with(const std::vector<Tensor>& inputs, std::size_t input, std::size_t place, double number) {
  std::vector<Tensor> result = inputs;
  Array changed = to_array(inputs[input]);
  changed.numbers[place] = number;
  result[input] = to_tensor(changed, inputs[input].dtype());
  return result;
}

template <class Body>
void each_number(const Sample& sample, Body body) {
  for (std::size_t input = 0; input < sample.inputs.size(); ++input)
    for (std::size_t place = 0; place < to_array(sample.inputs[input]).numbers.size(); ++place) body(input, place);
}

// Every number of `got` that differs between `before` and `after` must be NaN in `got`, and the others must not be.
std::string misplaced(const std::vector<Tensor>& before, const std::vector<Tensor>& after,
                      const std::vector<Tensor>& got, bool others_are_clean) {
  for (std::size_t i = 0; i < got.size(); ++i) {
    const Array was = to_array(before[i]), is = to_array(after[i]), shown = to_array(got[i]);
    for (std::size_t j = 0; j < shown.numbers.size(); ++j) {
      const bool depends = was.numbers[j] != is.numbers[j];
      if (depends && !std::isnan(shown.numbers[j])) return "a NaN was swallowed in gradient " + std::to_string(i);
      if (others_are_clean && !depends && std::isnan(shown.numbers[j]))
        return "a NaN leaked into gradient " + std::to_string(i);
    }
  }
  return {};
}

std::vector<Tensor> slopes(const Sample& sample, const std::vector<Tensor>& inputs, const Tensor& dy) {
  const Variables x = leaves(inputs);
  return gradients(sample.apply(x), x, dy);
}

}  // namespace

TEST_CASE("NaN and infinity come out where the formula says", "[ops]") {
  for (const OpCase& row : op_cases())
    for (const Sample& sample : row.samples()) {
      if (sample.large) continue;
      INFO(row.name << ": " << sample.what);
      for (const DType dtype : {DType::f64, DType::f32})
        each_number(sample, [&](std::size_t input, std::size_t place) {
          for (const double special : {not_a_number, infinity, -infinity}) {
            if (row.name == "to" && sample.apply({Variable(sample.inputs[0])}).dtype() != DType::f32) continue;
            const std::vector<Tensor> inputs = converted(with(sample.inputs, input, place, special), dtype);
            Arrays numbers;
            for (const Tensor& x : inputs) numbers.push_back(to_array(x));
            const Tensor y = sample.apply({inputs.begin(), inputs.end()}).value();
            CAPTURE(input, place, special, name(dtype));
            CHECK(difference(y, sample.expected(numbers), row.ulps, row.scale) == "");
            if (row.shows_every_nan && std::isnan(special) && y.numel() > 0) CHECK(has_nan(y));
          }
        });
    }
}

TEST_CASE("a NaN in the incoming gradient reaches exactly the gradients it belongs to", "[ops]") {
  for (const OpCase& row : op_cases())
    for (const Sample& sample : row.samples()) {
      if (sample.large || !sample.differentiable) continue;
      INFO(row.name << ": " << sample.what);
      const Tensor dy = Numbers(36).uniform(sample.apply(leaves(sample.inputs)).shape());
      const std::vector<Tensor> before = slopes(sample, sample.inputs, dy);
      for (std::size_t place = 0; place < to_array(dy).numbers.size(); ++place) {
        CAPTURE(place);
        const std::vector<Tensor> after = slopes(sample, sample.inputs, with({dy}, 0, place, 1000)[0]);
        const std::vector<Tensor> got = slopes(sample, sample.inputs, with({dy}, 0, place, not_a_number)[0]);
        CHECK(misplaced(before, after, got, !sample.cancels) == "");
      }
    }
}

TEST_CASE("a NaN in an input reaches every gradient that depends on it", "[ops]") {
  for (const OpCase& row : op_cases())
    for (const Sample& sample : row.samples()) {
      if (sample.large || !sample.differentiable) continue;
      INFO(row.name << ": " << sample.what);
      const Tensor dy = Numbers(37).uniform(sample.apply(leaves(sample.inputs)).shape());
      const std::vector<Tensor> before = slopes(sample, sample.inputs, dy);
      each_number(sample, [&](std::size_t input, std::size_t place) {
        CAPTURE(input, place);
        const double number = to_array(sample.inputs[input]).numbers[place];
        const std::vector<Tensor> after = slopes(sample, with(sample.inputs, input, place, number + 0x1p-10), dy);
        const std::vector<Tensor> got = slopes(sample, with(sample.inputs, input, place, not_a_number), dy);
        CHECK(misplaced(before, after, got, false) == "");
      });
    }
}
