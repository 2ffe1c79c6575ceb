#include "heed/models/mlp_classifier.h"

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/dropout.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/tensor/error.h"

namespace heed::models {

MlpClassifier::MlpClassifier(const Config& config, const nn::ParameterSource& source) : config_(config) {
  nn::check_sizes("mlp_classifier", {{"inputs", config.inputs}, {"classes", config.classes}});
  for (const std::int64_t units : config.hidden) nn::check_sizes("mlp_classifier", {{"hidden", units}});
  nn::check_probability("mlp_classifier: dropout", config.dropout);
  std::int64_t in = config.inputs;
  for (const std::int64_t out : config.hidden) {
    layers_.emplace_back(nn::Linear::Config{.in = in, .out = out, .dtype = config.dtype}, source);
    in = out;
  }
  layers_.emplace_back(nn::Linear::Config{.in = in, .out = config.classes, .dtype = config.dtype}, source);
}

Variable MlpClassifier::forward(const Variable& x, Generator* dropout) const {
  const std::int64_t rows = x.shape().rank() > 0 ? x.size(0) : -1;
  if (rows < 0 || x.numel() != rows * config_.inputs)
    throw ShapeError("mlp_classifier: x " + x.shape().str() + ", expected [B, ..] of " +
                     std::to_string(config_.inputs) + " numbers a row");
  Variable h = reshape(x, {rows, config_.inputs});
  for (std::size_t i = 0; i + 1 < layers_.size(); ++i) {
    h = relu(layers_[i].forward(h));
    if (dropout) h = nn::dropout(h, config_.dropout, *dropout);
  }
  return layers_.back().forward(h);
}

}  // namespace heed::models
