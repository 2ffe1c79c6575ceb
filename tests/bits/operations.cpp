#include "bits/hashes.h"
#include "heed/autograd/backward.h"
#include "op_cases.h"
#include "support/reproducible.h"

namespace heed::test {
namespace {

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
  const Reproducible mode(true);
  for (const OpCase& row : op_cases())
    for (const DType dtype : {DType::f32, DType::f64}) hash_row(row, dtype, hashes);
}

}  // namespace heed::test
