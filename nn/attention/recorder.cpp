#include "heed/nn/attention/recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"

namespace heed::nn {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

thread_local const AttentionRecorder* innermost = nullptr;

// [B, T, S], or of features [B, T, S, D] -> [B, H, T, S].
Tensor by_head(const Tensor& x, int keys_axis) {
  if (!x.defined() || keys_axis == 3) return x;
  return x.rank() == 3 ? unsqueeze(x, 1) : permute(x, {0, 3, 1, 2});
}

// What `part_of` gives for each part of a trace, joined: [B, H, T, S], undefined where a part has none.
template <class PartOf>
Tensor joined(const detail::AttentionTrace& trace, std::int64_t keys, double fill, const PartOf& part_of) {
  std::vector<Tensor> parts;
  for (const detail::AttentionTrace::Part& part : trace.parts) {
    const Tensor x = part_of(part);
    if (!x.defined()) return {};
    parts.push_back(by_head(detail::among_keys(x, part.keys_axis, part.first_key, keys, fill), part.keys_axis));
  }
  if (parts.size() == 1) return parts[0];
  return parts.empty() ? Tensor() : concat(parts, 2);
}

// Of one part; zeros where no backward pass has come, which may be so for some queries alone.
Tensor gradient_of(const detail::AttentionTrace::Part& part, DType dtype) {
  const Tensor sum = part.gradient->sum();
  if (!sum.defined()) return zeros(part.shape, dtype);
  return part.mask.defined() ? where(part.mask, sum, zeros(sum.shape(), dtype)) : sum;
}

// All of T queries, S' of S keys.
Tensor widened(const Tensor& x, std::int64_t keys, double fill) {
  return x.defined() ? detail::among_keys(x, 3, 0, keys, fill) : x;
}

Tensor concat_defined(const std::vector<Tensor>& parts) {
  const bool all = std::ranges::all_of(parts, [](const Tensor& x) { return x.defined(); });
  return all && !parts.empty() ? concat(parts, 2) : Tensor();
}

}  // namespace

namespace detail {

struct RecorderAccess {
  static RecorderWishes wishes() {
    RecorderWishes result;
    for (const AttentionRecorder* r = innermost; r != nullptr; r = r->outer_) {
      result.any = true;
      result.scores = result.scores || r->config_.scores;
      result.contexts = result.contexts || r->config_.contexts;
      result.gradients = result.gradients || r->config_.gradients;
    }
    return result;
  }

  static void add(const AttentionRecorder& r, const void* module, const std::type_info& type, std::string_view part,
                  AttentionRecord found) {
    found.module = name(r, module, type);
    if (!part.empty()) found.module += (found.module.empty() ? "" : ".") + std::string(part);
    if (!r.config_.scores) found.scores = {};
    if (!r.config_.contexts) found.context = {};
    if (!r.config_.gradients) found.trace = nullptr;
    const auto calls = r.calls_.try_emplace(found.module, 0).first;
    found.step = calls->second;
    r.records_.push_back(std::move(found));
    ++calls->second;
  }

  static void add_to_all(const void* module, const std::type_info& type, std::string_view part,
                         const AttentionRecord& found) {
    for (const AttentionRecorder* r = innermost; r != nullptr; r = r->outer_) add(*r, module, type, part, found);
  }

 private:
  static const std::string& name(const AttentionRecorder& r, const void* module, const std::type_info& type) {
    const AttentionRecorder::Identity identity(module, type);
    if (const auto known = r.names_.find(identity); known != r.names_.end()) return known->second;
    std::string fresh = module == nullptr ? "attend" : fmt::format("unlisted {}", r.unlisted_);
    const std::string& added = r.names_.emplace(identity, std::move(fresh)).first->second;
    if (module != nullptr) ++r.unlisted_;
    return added;
  }
};

RecorderWishes recorder_wishes() { return RecorderAccess::wishes(); }
bool recording_attention() { return innermost != nullptr; }

void record_attention(const void* module, const std::type_info& type, std::string_view part,
                      const AttentionRecord& found) {
  RecorderAccess::add_to_all(module, type, part, found);
}

AttentionRecord record_of(const Variable& weights, const Variable& context,
                          const std::shared_ptr<AttentionTrace>& trace) {
  AttentionRecord found{.weights = by_head(weights.value(), 2), .trace = trace};
  const Tensor& c = context.value();
  found.context = weights.rank() == 4 ? unsqueeze(mT(c), 3) : unsqueeze(c, 1);  // features are heads of width 1
  if (trace) found.scores = joined(*trace, weights.size(2), -infinity, [](const auto& part) { return part.scores; });
  return found;
}

}  // namespace detail

Tensor AttentionRecord::gradient() const {
  if (!trace) return {};
  const auto arrived = [](const auto& part) { return part.gradient && part.gradient->sum().defined(); };
  if (std::ranges::none_of(trace->parts, arrived)) return {};
  return joined(*trace, weights.size(3), 0, [&](const auto& part) { return gradient_of(part, weights.dtype()); });
}

AttentionRecord join_queries(const std::vector<AttentionRecord>& steps) {
  if (steps.empty()) return {};
  std::int64_t keys = 0;
  for (const AttentionRecord& step : steps) keys = std::max(keys, step.weights.size(3));
  std::vector<Tensor> weights, scores, contexts;
  AttentionRecord result{.module = steps[0].module, .step = steps[0].step};
  std::vector<std::shared_ptr<detail::AttentionTrace>> traces;
  for (const AttentionRecord& step : steps) {
    weights.push_back(widened(step.weights, keys, 0));
    scores.push_back(widened(step.scores, keys, -infinity));
    contexts.push_back(step.context);
    if (step.trace) traces.push_back(std::make_shared<detail::AttentionTrace>(*step.trace));
  }
  result.weights = concat_defined(weights);
  result.scores = concat_defined(scores);
  result.context = concat_defined(contexts);
  if (traces.size() == steps.size()) result.trace = detail::join_traces(traces);
  return result;
}

AttentionRecorder::AttentionRecorder(const Config& config, Names names)
    : config_(config), names_(std::move(names)), outer_(std::exchange(innermost, this)) {}

// Usually the innermost; one that was made on the heap may outlive those inside it.
AttentionRecorder::~AttentionRecorder() {
  const AttentionRecorder** link = &innermost;
  while (*link != nullptr && *link != this) link = &(*link)->outer_;
  if (*link == this) *link = outer_;
}

std::vector<AttentionRecord> AttentionRecorder::of(std::string_view module) const {
  std::vector<AttentionRecord> found;
  for (const AttentionRecord& record : records_)
    if (record.module == module) found.push_back(record);
  return found;
}

}  // namespace heed::nn
