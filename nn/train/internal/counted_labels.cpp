#include "heed/nn/train/internal/counted_labels.h"

#include <fmt/format.h>

#include "heed/tensor/error.h"

namespace heed::nn {
namespace {

std::vector<std::int64_t> integers(std::string_view who, std::string_view what, const Tensor& x) {
  if (x.dtype() != DType::i64) throw DTypeError(fmt::format("{}: {} are {}, expected i64", who, what, name(x.dtype())));
  const Tensor rows = x.contiguous();
  return {rows.data<std::int64_t>(), rows.data<std::int64_t>() + rows.numel()};
}

}  // namespace

CountedLabels counted_labels(std::string_view who, const Tensor& predictions, const Tensor& targets, const Tensor& mask,
                             std::optional<std::int64_t> ignored) {
  if (predictions.shape() != targets.shape() || (mask.defined() && mask.shape() != targets.shape()))
    throw ShapeError(fmt::format("{}: predictions {}, targets {}{}, expected one shape", who, predictions.shape().str(),
                                 targets.shape().str(), mask.defined() ? ", mask " + mask.shape().str() : ""));
  const int rank = targets.shape().rank();
  CountedLabels labels{integers(who, "predictions", predictions),
                       integers(who, "targets", targets),
                       {},
                       rank == 0 ? 1 : targets.shape()[rank - 1]};
  labels.counts.assign(labels.targets.size(), true);
  if (mask.defined()) {
    if (mask.dtype() != DType::boolean)
      throw DTypeError(fmt::format("{}: mask is {}, expected bool", who, name(mask.dtype())));
    const Tensor rows = mask.contiguous();
    labels.counts.assign(rows.data<bool>(), rows.data<bool>() + rows.numel());
  }
  for (std::size_t i = 0; ignored && i < labels.targets.size(); ++i)
    if (labels.targets[i] == *ignored) labels.counts[i] = false;
  return labels;
}

}  // namespace heed::nn
