#include "heed/tensor/ops/adam.h"

#include <fmt/format.h>

#include <cmath>

#include "heed/tensor/internal/check_settings.h"
#include "heed/tensor/internal/overlap.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/kernels/adam.h"

namespace heed {

void adam_update(Tensor& x, Tensor& m, Tensor& v, const Tensor& gradient, const AdamConfig& config, std::int64_t t) {
  check_defined("adam_update", "parameter", x);
  for (const Tensor* other : std::initializer_list<const Tensor*>{&m, &v, &gradient}) {
    check_defined("adam_update", other == &gradient ? "gradient" : "moment", *other);
    check_same_dtype("adam_update", x.dtype(), other->dtype());
    if (!(x.shape() == other->shape()))
      throw ShapeError(fmt::format("adam_update: shapes differ: {} and {}", x.shape().str(), other->shape().str()));
  }
  if (!x.is_contiguous() || !m.is_contiguous() || !v.is_contiguous())
    throw ShapeError(fmt::format("adam_update: parameter and moments of shape {} must be contiguous", x.shape().str()));
  check_settings("adam_update", config);
  if (t < 1) throw Error(fmt::format("adam_update: step number {}, expected at least 1", t));
  if (overlap(x, m) != Overlap::none || overlap(x, v) != Overlap::none || overlap(m, v) != Overlap::none)
    throw ShapeError(fmt::format("adam_update: parameter and moments of shape {} share numbers", x.shape().str()));
  const auto power = static_cast<double>(t);
  const kernels::AdamStep step{.beta1 = config.beta1,
                               .beta2 = config.beta2,
                               .step_size = config.learning_rate / (1 - std::pow(config.beta1, power)),
                               .root_correction = std::sqrt(1 - std::pow(config.beta2, power)),
                               .epsilon = config.epsilon};
  Tensor dense = gradient.contiguous();
  for (const Tensor* target : {&x, &m, &v}) dense = unless_overlapping(dense, *target);
  dispatch_float("adam_update", x.dtype(), [&]<class T> {
    const T* from = dense.data<T>();
    T *first = m.mutable_data<T>(), *second = v.mutable_data<T>(), *to = x.mutable_data<T>();
    parallel_chunks(x.numel(), 16384, [&](std::int64_t begin, std::int64_t end) {
      kernels::adam(step, from + begin, first + begin, second + begin, to + begin,
                    static_cast<std::size_t>(end - begin));
    });
  });
}

}  // namespace heed
