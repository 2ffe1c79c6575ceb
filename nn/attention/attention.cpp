#include "heed/nn/attention/attention.h"

#include "heed/autograd/ops/index.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::nn {

AttentionMemory reorder_memory(const AttentionMemory& memory, const Tensor& rows) {
  return {index_select(memory.keys, 0, rows), index_select(memory.values, 0, rows),
          memory.mask.defined() ? index_select(memory.mask, 0, rows) : memory.mask};
}

namespace detail {
namespace {

Variable concat_where_defined(const std::vector<AttentionOutput>& outputs, Variable AttentionOutput::* part) {
  std::vector<Variable> parts;
  for (const AttentionOutput& output : outputs)
    if ((output.*part).defined()) parts.push_back(output.*part);
  return parts.empty() ? Variable() : concat(parts, 1);
}

std::shared_ptr<AttentionTrace> joined_traces(const std::vector<AttentionOutput>& outputs) {
  std::vector<std::shared_ptr<AttentionTrace>> traces;
  for (const AttentionOutput& output : outputs) traces.push_back(output.trace);
  return join_traces(traces);
}

}  // namespace

Tensor batch_mask(const AttentionKeys& input) {
  const std::int64_t batch = check_shapes(
      "attention", {{"key", input.key.value(), "B S K"}, {"value", input.value.value(), "B S D", true}})['B'];
  Tensor mask = input.mask;
  if (mask.defined() && mask.rank() == 3 && mask.size(0) == 1) mask = expand(mask, {batch, mask.size(1), mask.size(2)});
  check_shapes("attention", {{"key", input.key.value(), "B S K"}, {"mask", mask, "B T S", true}});
  return mask;
}

AlignQueries align_queries(const Variable& query, const AttentionMemory& memory, const AttentionCall& call) {
  const Sizes size = check_shapes("attention", {{"query", query.value(), "B T Q"},
                                                {"memory.keys", memory.keys.value(), "B S K"},
                                                {"memory.values", memory.values.value(), "B S D"}});
  if (memory.mask.defined() && memory.mask.size(1) != 1)
    check_shapes("attention", {{"query", query.value(), "B T Q"}, {"memory.mask", memory.mask, "B T S"}});
  return {.query = query,
          .queries = size['T'],
          .keys = size['S'],
          .first_query = call.first_query,
          .target_length = call.target_length,
          .generator = call.generator};
}

bool all_finite(const AttentionMemory& memory) {
  return heed::all_finite(memory.keys.value()) && heed::all_finite(memory.values.value());
}

AttentionMemory seen_by(const AttentionMemory& memory, const Tensor& mask, std::int64_t queries, std::int64_t t,
                        bool careful) {
  if (!mask.defined()) return memory;
  const Shape shape{memory.keys.size(0), queries, memory.keys.size(1)};
  const Tensor row = slice(expand(mask, shape), 1, t, t + 1);
  if (!careful) return {memory.keys, memory.values, row};
  return {mask_padding(memory.keys, row), mask_padding(memory.values, row), row};
}

KeyRange range_of(const Tensor& window) {
  const Tensor row = window.contiguous();
  const bool* sees = row.data<bool>();
  KeyRange range{0, row.numel()};
  while (range.begin < range.end && !sees[range.begin]) ++range.begin;
  while (range.begin < range.end && !sees[range.end - 1]) --range.end;
  return range;
}

AttentionMemory slice_memory(const AttentionMemory& memory, const KeyRange& range) {
  return {slice(memory.keys, 1, range.begin, range.end), slice(memory.values, 1, range.begin, range.end),
          memory.mask.defined() ? slice(memory.mask, 2, range.begin, range.end) : memory.mask};
}

Variable widened(const Variable& weights, const KeyRange& range, std::int64_t keys) {
  Shape shape = weights.shape();
  shape[2] = keys;
  return slice_scatter(weights, shape, 2, range.begin, range.end, 1);
}

AttentionOutput concat_queries(const std::vector<AttentionOutput>& outputs, const AttentionMemory& memory) {
  if (outputs.empty()) {
    const Variable none(zeros({memory.keys.size(0), 0, memory.keys.size(1)}, memory.values.dtype()));
    return {matmul(none, memory.values), none};
  }
  return {concat_where_defined(outputs, &AttentionOutput::context),
          concat_where_defined(outputs, &AttentionOutput::weights),
          concat_where_defined(outputs, &AttentionOutput::log_probability),
          concat_where_defined(outputs, &AttentionOutput::entropy), joined_traces(outputs)};
}

void widen_trace(const AttentionOutput& found, const KeyRange& range) {
  if (!found.trace) return;
  for (AttentionTrace::Part& part : found.trace->parts) part.first_key += range.begin;
}

}  // namespace detail
}  // namespace heed::nn
