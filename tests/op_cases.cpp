#include "op_cases.h"

#include <stdexcept>

#include "heed/tensor/ops/elementwise.h"

namespace heed::test {

const std::vector<OpCase>& op_cases() {
  static const std::vector<OpCase> all = [] {
    std::vector<OpCase> rows;
    for (const auto& family :
         {unary_cases, binary_cases, view_cases, join_cases, reduce_cases, index_cases, matmul_cases, softmax_cases,
          loss_cases, class_loss_cases, gate_cases, fused_cases, attention_cases, conv_cases, recurrent_cases})
      for (OpCase& row : family()) rows.push_back(std::move(row));
    return rows;
  }();
  return all;
}

const OpCase& op_case(const std::string& name) {
  for (const OpCase& row : op_cases())
    if (row.name == name) return row;
  throw std::out_of_range("no row for " + name);
}

Variables leaves(const std::vector<Tensor>& inputs) {
  Variables result;
  for (const Tensor& input : inputs) result.emplace_back(input, true);
  return result;
}

std::vector<Tensor> converted(const std::vector<Tensor>& inputs, DType dtype) {
  std::vector<Tensor> result;
  for (const Tensor& input : inputs)
    result.push_back(is_float(input.dtype()) ? to_tensor(to_array(input), dtype) : input);
  return result;
}

std::vector<std::vector<Tensor>> rearranged(const Sample& sample) {
  std::vector<std::vector<Tensor>> result{sample.inputs};
  for (Layout layout : all_layouts) {
    std::vector<Tensor> inputs;
    for (const Tensor& input : sample.inputs) inputs.push_back(laid_out(input, layout));
    result.push_back(std::move(inputs));
  }
  std::vector<Tensor> mixed;
  for (std::size_t i = 0; i < sample.inputs.size(); ++i)
    mixed.push_back(laid_out(sample.inputs[i], all_layouts[(i + 1) % all_layouts.size()]));
  if (mixed.size() > 1) result.push_back(std::move(mixed));
  return result;
}

}  // namespace heed::test
