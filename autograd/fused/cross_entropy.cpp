#include "heed/autograd/fused/cross_entropy.h"

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/index.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/cross_entropy.h"

namespace heed {
namespace {

struct CrossEntropyRule final : Rule<CrossEntropyRule> {
  static constexpr std::string_view op = "cross_entropy";
  Saved logits{*this}, max{*this}, rest{*this}, targets{*this}, weights{*this};

  template <class V>
  Grads<V> vjp(const V& dy) {
    const Tensor w = weights.has_value() ? weights.tensor() : Tensor();
    if constexpr (std::is_same_v<V, Tensor>)
      return {cross_entropy_backward(logits.tensor(), targets.tensor(), w, {{}, max.tensor(), rest.tensor()}, dy)};
    else
      return definition_vjp([&](const auto& x) { return cross_entropy_definition(x[0], targets.tensor(), w); },
                            {logits.as<V>()}, dy);
  }
};

}  // namespace

Variable cross_entropy(const Variable& logits, const Tensor& targets, const Tensor& weights) {
  const CrossEntropy result = cross_entropy_forward(logits.value(), targets, weights);
  return record<CrossEntropyRule>(result.loss, {logits}, [&](CrossEntropyRule& rule) {
    rule.logits.keep_input(0, logits);
    rule.max.keep_constant(result.max);
    rule.rest.keep_constant(result.rest);
    rule.targets.keep_constant(targets);
    if (weights.defined()) rule.weights.keep_constant(weights);
  });
}

Variable cross_entropy_definition(const Variable& logits, const Tensor& targets, const Tensor& weights) {
  const Tensor w = weights.defined() ? weights : ones(targets.shape(), logits.dtype());
  const Tensor counts = logical_not(equal(w, scalar_like(w, 0)));
  const Tensor safe = where(counts, targets, zeros({}, DType::i64));  // a row that does not count may hold any target
  // and any logits
  const Variable seen = where(unsqueeze(counts, -1), logits, scalar_like(logits.value(), 0));
  const Variable picked = squeeze(gather(log_softmax(seen), -1, unsqueeze(safe, -1)), -1);
  const Tensor wide = to(w, DType::f64), sizes = abs(wide);
  const double scale = detail::cross_entropy_scale(sizes);
  const Variable total = sum(where(counts, neg(picked) * Variable(to(wide * scale, w.dtype())), scalar_like(w, 0)));
  const double weight = sum(sizes * scale).item();
  return weight == 0 ? total * 0.0 : total / weight;
}

}  // namespace heed
