#include "heed/nn/attention/class_capsules.h"

#include <fmt/format.h>

#include "heed/autograd/ops/activation.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/masked_mean.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/movement.h"

namespace heed::nn {
namespace {

const ClassCapsules::Config& checked(const ClassCapsules::Config& c) {
  check_sizes("class capsules", {{"input", c.input}, {"classes", c.classes}});
  return c;
}

Parameter rows(const ClassCapsules::Config& c, const ParameterSource& source) {
  return source.make({{c.classes, c.input}, ParameterKind::weight, c.dtype}, c.input);
}

// -1 for each example's class, +1 for all others: [B, C].
Tensor signs(const Tensor& labels, std::int64_t classes, DType dtype) {
  Tensor result = ones({labels.size(0), classes}, dtype);
  for (std::int64_t b = 0; b < labels.size(0); ++b) {
    const auto label = select(labels, 0, b).item<std::int64_t>();
    if (label < 0 || label >= classes)
      throw IndexError(fmt::format("capsule_loss: label {} of example {} is outside 0 to {}", label, b, classes - 1));
    Tensor sign = select(select(result, 0, b), 0, label);
    fill(sign, -1);
  }
  return result;
}

}  // namespace

ClassCapsules::ClassCapsules(const Config& c, const ParameterSource& source)
    : query(rows(checked(c), source)),
      weight(rows(c, source)),
      bias(source.make({{c.classes}, ParameterKind::bias, c.dtype}, c.input)) {}

ClassCapsulesOutput ClassCapsules::forward(const Variable& x, const Tensor& mask) const {
  check_shapes("class capsules",
               {{"x", x.value(), "B S D"}, {"query", query.value(), "C D"}, {"mask", mask, "B 1 S", true}});
  const Variable read = mask_padding(x, mask);
  const AttentionOutput found = attend_for(*this, mT(linear(read, query)), mask, read);  // scores [B, C, S]
  const Variable p = sigmoid(sum(found.context * weight, 2) + bias);                     // [B, C]
  return {p, found.context, found.weights, unsqueeze(p, 2) * found.context, squeeze(masked_mean(x, mask), 1)};
}

Variable capsule_loss(const ClassCapsulesOutput& found, const Tensor& labels) {
  const Variable &p = found.probabilities, &r = found.reconstructions;
  check_shapes("capsule_loss", {{"probabilities", p.value(), "B C"},
                                {"reconstructions", r.value(), "B C D"},
                                {"mean", found.mean.value(), "B D"},
                                {"labels", labels, "B"}});
  const Variable y(signs(labels, p.size(1), p.dtype()));
  const Variable fits = squeeze(matmul(r, unsqueeze(found.mean, 2)), 2);  // [B, C]
  return mean(relu(1 + sum(y * p, 1)) + relu(1 + sum(y * fits, 1)));
}

}  // namespace heed::nn
