// What the peer's training steps share: values that heed starts from too, and one update of all parameters.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

namespace heed::bench {

/// The weights called `name`, a leaf that wants a gradient.
at::Tensor weights(const std::string& name, at::IntArrayRef shape);

/// Ids of [0, n).
at::Tensor ids(const std::string& name, at::IntArrayRef shape, std::int64_t n);

/// Adam (learning rate 0.001), with a decay AdamW, by libtorch's fused kernel, which the C++ API has no option for. Of
/// the parameters of W4 it took a tenth of the time that the loop over parameters takes in Python (processor time, one
/// thread).
class FusedAdam {
 public:
  explicit FusedAdam(std::vector<at::Tensor> parameters, double decay = 0);

  void zero_grad();  ///< sets all gradients to none
  void clip_grad_norm(double limit);
  void step();

 private:
  std::vector<at::Tensor> gradients() const;

  double decay_;
  std::vector<at::Tensor> parameters_, first_, second_, steps_;
};

}  // namespace heed::bench
