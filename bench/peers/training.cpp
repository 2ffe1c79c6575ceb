#include "peers/training.h"

#include <c10/core/GradMode.h>

#include "workloads/values.h"

namespace heed::bench {

at::Tensor weights(const std::string& name, at::IntArrayRef shape) {
  at::Tensor values = at::empty(shape);
  fill_weights(name, {values.mutable_data_ptr<float>(), static_cast<std::size_t>(values.numel())});
  return values.requires_grad_();
}

at::Tensor ids(const std::string& name, at::IntArrayRef shape, std::int64_t n) {
  at::Tensor values = at::empty(shape, at::kLong);
  fill_ids(name, {values.mutable_data_ptr<std::int64_t>(), static_cast<std::size_t>(values.numel())}, n);
  return values;
}

FusedAdam::FusedAdam(std::vector<at::Tensor> parameters, double decay)
    : decay_(decay), parameters_(std::move(parameters)) {
  for (const at::Tensor& parameter : parameters_) {
    first_.push_back(at::zeros_like(parameter));
    second_.push_back(at::zeros_like(parameter));
  }
  steps_.assign(parameters_.size(), at::zeros({}));  // one count for all
}

void FusedAdam::zero_grad() {
  for (at::Tensor& parameter : parameters_) parameter.mutable_grad() = at::Tensor();
}

std::vector<at::Tensor> FusedAdam::gradients() const {
  std::vector<at::Tensor> result;
  for (const at::Tensor& parameter : parameters_) result.push_back(parameter.grad());
  return result;
}

void FusedAdam::clip_grad_norm(double limit) {
  const std::vector<at::Tensor> all = gradients();
  const double norm = at::linalg_vector_norm(at::stack(at::_foreach_norm(all))).item<double>();
  if (norm > limit) at::_foreach_mul_(all, limit / norm);
}

void FusedAdam::step() {
  const c10::AutoGradMode no_gradients(false);
  steps_[0].add_(1);
  if (decay_ > 0)
    at::_fused_adamw_(parameters_, gradients(), first_, second_, {}, steps_, 1e-3, 0.9, 0.999, decay_, 1e-8, false,
                      false);
  else
    at::_fused_adam_(parameters_, gradients(), first_, second_, {}, steps_, 1e-3, 0.9, 0.999, 0, 1e-8, false, false);
}

}  // namespace heed::bench
