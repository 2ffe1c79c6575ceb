// Gradcheck: is a gradient the derivative of the function it belongs to?
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "heed/autograd/variable.h"

namespace heed {

/// A function of several variables to be checked.
using Function = std::function<Variable(const std::vector<Variable>&)>;

struct GradcheckOptions {
  double step = 6e-6;      ///< of the central difference, times max(1, |x|)
  double relative = 1e-6;  ///< accepted |analytic - numeric| <= absolute + relative·max(|analytic|, |numeric|)
  double absolute = 1e-8;
  std::uint64_t seed = 1;  ///< of the random cotangent
};

/// Compares the gradient of φ(x) = Σ v∘f(x), v a fixed random cotangent, with central differences at every element of
/// every input. Inputs are f64 (DTypeError otherwise), of any layout: each is perturbed through its own storage, so an
/// expanded input is checked as the view it is. ShapeError or DTypeError when f gives no value, another dtype than f64,
/// or another shape than at its first call. Returns "" when all agree, else a description of the worst place.
std::string gradcheck(const Function& f, const std::vector<Tensor>& inputs, const GradcheckOptions& options = {});

/// The same for gradients of gradients: checks x -> ∂φ/∂x, recorded, against differences of the plain gradient.
std::string gradcheck_twice(const Function& f, const std::vector<Tensor>& inputs, const GradcheckOptions& options = {});

}  // namespace heed
