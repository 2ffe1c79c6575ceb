// S-09: attention by distance is Nadaraya-Watson regression: nothing is learned, and the curve is there.
#include <cmath>

#include "examples/claims/all_claims.h"
#include "heed/nn/attention/attention.h"
#include "heed/nn/attention/score/distance.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/index.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

constexpr std::int64_t given = 50, asked = 200;

// Without noise: sin 2x.
Tensor curve(const Tensor& x) {
  Tensor y = empty(x.shape(), DType::f64);
  for (std::int64_t i = 0; i < x.numel(); ++i) y.mutable_data<double>()[i] = std::sin(2 * x.data<double>()[i]);
  return y;
}

Tensor regression(double deviation, const Tensor& at, const Tensor& x, const Tensor& y) {
  const nn::Attention<nn::GaussianScore> attention({.deviation = deviation}, nn::ParameterSource::zeros());
  return attention.forward({.query = Variable(at), .key = Variable(x), .value = Variable(y)}).context.value();
}

double error(const Tensor& a, const Tensor& b) { return mean((a - b) * (a - b)).item(); }

ClaimResult run(const ClaimSettings& settings) {
  Generator generator = settings.generator(1);
  const Tensor x = uniform(generator, {1, given, 1}, 0, 5, DType::f64),
               at = uniform(generator, {1, asked, 1}, 0.2, 4.8, DType::f64);
  const Tensor y = curve(x) + normal(generator, x.shape(), 0, 0.3, DType::f64), wanted = curve(at);
  const Tensor average = mean(y, Axes{1}, true);
  const Tensor nearest = index_select(y, 1, reshape(argmax(-abs(at - mT(x)), -1), {-1}));
  const double kernel = error(regression(0.25, at, x, y), wanted), flat = error(expand(average, at.shape()), wanted);
  return {
      .criteria = {at_most("squared error over that of the mean", kernel / flat, 0.5),
                   at_most("deviation 1e-6: off the value at the nearest x",
                           max(abs(regression(1e-6, at, x, y) - nearest)).item(), 1e-9),
                   at_most("deviation 1e6: off the mean", max(abs(regression(1e6, at, x, y) - average)).item(), 1e-9)}};
}

}  // namespace

Claim kernel_regression() {
  return {"S-09", "Attention by distance is kernel regression, from the nearest value to the mean",
          "Nadaraya 1964; Watson 1964", run};
}

}  // namespace heed::examples
