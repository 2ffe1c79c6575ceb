#include "heed/nn/optim/adam.h"

#include <cmath>

#include "heed/nn/internal/power.h"
#include "heed/tensor/create.h"
#include "heed/tensor/internal/overlap.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/kernels/adam.h"

namespace heed::nn {

Adam::Adam(std::vector<Variable> parameters, const Config& c) : Optimizer("adam", std::move(parameters)), config(c) {
  check_settings();
}

void Adam::check_settings() const {
  check_not_negative("learning_rate", config.learning_rate);
  check_setting("beta1", config.beta1, config.beta1 >= 0 && config.beta1 < 1, "0 <= beta < 1");
  check_setting("beta2", config.beta2, config.beta2 >= 0 && config.beta2 < 1, "0 <= beta < 1");
  check_setting("epsilon", config.epsilon, config.epsilon > 0, "a finite number above 0");
}

StateDict Adam::initial_state(const Tensor& x) const {
  return {{"step", zeros({}, DType::i64)},
          {"exp_avg", zeros(x.shape(), x.dtype())},
          {"exp_avg_sq", zeros(x.shape(), x.dtype())}};
}

void Adam::update(Tensor& x, const Tensor& gradient, StateDict& state) {
  Tensor &m = state.at("exp_avg"), &v = state.at("exp_avg_sq");
  const Tensor g = unless_overlapping(gradient.contiguous(), x);
  const auto t = static_cast<double>(++*state.at("step").mutable_data<std::int64_t>());
  const kernels::AdamStep step{.beta1 = config.beta1,
                               .beta2 = config.beta2,
                               .step_size = config.learning_rate / (1 - power(config.beta1, t)),
                               .root_correction = std::sqrt(1 - power(config.beta2, t)),
                               .epsilon = config.epsilon};
  dispatch_float("adam", x.dtype(), [&]<class T> {
    const auto& kernel = kernels::adam().of<T>();
    const T* from = g.data<T>();
    T *first = m.mutable_data<T>(), *second = v.mutable_data<T>(), *to = x.mutable_data<T>();
    parallel_chunks(x.numel(), 16384, [&](std::int64_t begin, std::int64_t end) {
      kernel.update(step, from + begin, first + begin, second + begin, to + begin,
                    static_cast<std::size_t>(end - begin));
    });
  });
}

}  // namespace heed::nn
