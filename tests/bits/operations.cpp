#include <algorithm>
#include <array>

#include "bits/hashes.h"
#include "heed/autograd/backward.h"
#include "op_cases.h"

namespace heed::test {
namespace {

// Rows with products of two matrices, which BLAS computes: its bits depend on the processor.
constexpr std::array<std::string_view, 6> of_blas = {
    "additive_score_definition", "gru_step", "gru_step_definition", "linear", "linear_definition", "matmul"};

void hash_row(const OpCase& row, DType dtype, Hashes& hashes) {
  BitHash values, gradients_of_inputs;
  for (const Sample& sample : row.samples()) {
    const Variables x = leaves(converted(sample.inputs, dtype));
    const Variable y = sample.apply(x);
    values.add(y.value());
    if (!y.requires_grad()) continue;  // integers
    const Tensor dy = converted({Numbers(36).uniform(y.shape())}, y.dtype())[0];
    for (const Tensor& gradient : gradients(y, x, dy)) gradients_of_inputs.add(gradient);
  }
  const std::string name = "operation " + row.name + (dtype == DType::f32 ? " f32" : " f64");
  hashes[name + " values"] = values.str();
  hashes[name + " gradients"] = gradients_of_inputs.str();
}

}  // namespace

void hash_operations(Hashes& hashes) {
  for (const OpCase& row : op_cases()) {
    if (std::find(of_blas.begin(), of_blas.end(), row.name) != of_blas.end()) continue;
    for (const DType dtype : {DType::f32, DType::f64}) hash_row(row, dtype, hashes);
  }
}

}  // namespace heed::test
