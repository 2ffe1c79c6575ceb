// One step of each optimizer over contiguous numbers, in one pass over memory. The formulas and their order of
// operations are PyTorch's. Multiply-adds are not fused: every step rounds as its formula is written.
#pragma once

#include <cstddef>

#include "heed/tensor/kernels/table.h"

namespace heed::kernels {

// The scalars of one step, worked out once in double by the caller. `weight_decay` adds weight_decay·x to the gradient.

struct SgdStep {
  double learning_rate;
  double momentum = 0;
  double gradient_share = 1;  ///< of a gradient in the velocity: 1 - dampening
  double weight_decay = 0;
  bool nesterov = false;
};

struct AdamStep {
  double beta1, beta2;
  double step_size;        ///< learning rate / (1 - beta1^t) in step t, counted from 1
  double root_correction;  ///< sqrt(1 - beta2^t)
  double epsilon;
  double weight_decay = 0;
  double shrink = 1;  ///< x is multiplied by it first: 1 - learning rate · decay where the decay is decoupled
};

struct AdagradStep {
  double learning_rate;
  double epsilon;
  double weight_decay = 0;
};

struct AdadeltaStep {
  double learning_rate;
  double rho;
  double epsilon;
  double weight_decay = 0;
};

struct RmsPropStep {
  double learning_rate;
  double alpha;
  double epsilon;
  double momentum = 0;
  double weight_decay = 0;
};

template <class T>
struct OptimKernels {
  /// v = momentum·v + share·g;  x -= lr·v, with Nesterov lr·(g + momentum·v). Without velocity (null) x -= lr·g.
  void (*sgd)(const SgdStep& step, const T* gradient, T* velocity, T* x, std::size_t n);

  /// m = beta1·m + (1 - beta1)·g;  v = beta2·v + (1 - beta2)·g²;
  /// x = shrink·x - step_size · m / (sqrt(v) / root_correction + epsilon).
  void (*adam)(const AdamStep& step, const T* gradient, T* m, T* v, T* x, std::size_t n);

  /// s += g²;  x -= lr · g / (sqrt(s) + epsilon).
  void (*adagrad)(const AdagradStep& step, const T* gradient, T* sum, T* x, std::size_t n);

  /// v = rho·v + (1 - rho)·g²;  δ = sqrt(u + epsilon) / sqrt(v + epsilon) · g;  u = rho·u + (1 - rho)·δ²;  x -= lr·δ.
  void (*adadelta)(const AdadeltaStep& step, const T* gradient, T* v, T* u, T* x, std::size_t n);

  /// v = alpha·v + (1 - alpha)·g²;  d = sqrt(v) + epsilon;  x -= lr · g / d.
  /// With a mean of gradients (not null) m += (1 - alpha)·(g - m), and d = sqrt(max(0, v - m²)) + epsilon.
  /// With a velocity (not null) b = momentum·b + g / d, and x -= lr·b.
  void (*rms_prop)(const RmsPropStep& step, const T* gradient, T* v, T* mean, T* velocity, T* x, std::size_t n);

  /// a += share·(x - a): a moving average, which stays as it is where a = x.
  void (*average)(double share, const T* x, T* a, std::size_t n);
};

/// The functions of the instruction set in use.
Tables<OptimKernels> optim();

}  // namespace heed::kernels
