// Every operation equals its slow reference, in f64 and f32, whatever the layout of its inputs.
#include "op_cases.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::test;

namespace {

void check_values(const OpCase& row, Sample sample, DType dtype) {
  sample.inputs = dtype == DType::f64 ? sample.inputs : converted(sample.inputs, dtype);
  Arrays numbers;
  for (const Tensor& input : sample.inputs) numbers.push_back(to_array(input));
  const Array wanted = sample.expected(numbers);
  for (const auto& inputs : rearranged(sample)) {
    const Variable y = sample.apply({inputs.begin(), inputs.end()});
    CHECK(difference(y.value(), wanted, row.ulps, row.scale) == "");
  }
}

}  // namespace

TEST_CASE("operations equal their slow references", "[ops]") {
  for (const OpCase& row : op_cases())
    for (const Sample& sample : row.samples()) {
      INFO(row.name << ": " << sample.what);
      check_values(row, sample, DType::f64);
      check_values(row, sample, DType::f32);
    }
}

TEST_CASE("results keep the dtype of their inputs", "[ops]") {
  for (const OpCase& row : op_cases()) {
    if (row.name == "to") continue;
    const Sample sample = row.samples()[0];
    INFO(row.name);
    for (const DType dtype : {DType::f64, DType::f32}) {
      const std::vector<Tensor> inputs = converted(sample.inputs, dtype);
      CHECK(sample.apply({inputs.begin(), inputs.end()}).dtype() == dtype);
    }
  }
}

TEST_CASE("the table has many samples of every operation", "[ops]") {
  std::size_t total = 0;
  for (const OpCase& row : op_cases()) {
    std::size_t arrangements = 0;  // as rearranged() makes them
    for (const Sample& sample : row.samples()) arrangements += 1 + all_layouts.size() + (sample.inputs.size() > 1);
    INFO(row.name);
    CHECK(arrangements >= 35);
    total += arrangements;
  }
  CHECK(total >= 2400);
}
