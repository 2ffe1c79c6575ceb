#include "heed/autograd/fused/additive_score.h"

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"

namespace heed {
namespace {

struct AdditiveScore final : Rule<AdditiveScore> {
  static constexpr std::string_view op = "additive_score";
  Saved q{*this}, k{*this}, v{*this};

  template <class V>
  Grads<V> vjp(const V& de) {
    if constexpr (std::is_same_v<V, Tensor>) {
      AdditiveScoreGradient g = additive_score_backward(q.tensor(), k.tensor(), v.tensor(), de);
      return {std::move(g.q), std::move(g.k), std::move(g.v)};
    } else {
      return definition_vjp([](const auto& x) { return additive_score_definition(x[0], x[1], x[2]); },
                            {q.as<V>(), k.as<V>(), v.as<V>()}, de);
    }
  }
};

}  // namespace

Variable additive_score(const Variable& q, const Variable& k, const Variable& v) {
  return record<AdditiveScore>(additive_score(q.value(), k.value(), v.value()), {q, k, v}, [&](AdditiveScore& rule) {
    rule.q.keep_input(0, q);
    rule.k.keep_input(1, k);
    rule.v.keep_input(2, v);
  });
}

Variable additive_score_definition(const Variable& q, const Variable& k, const Variable& v) {
  const Variable table = tanh(unsqueeze(q, 2) + unsqueeze(k, 1));  // [B, T, S, A]
  return matmul(table, v);                                         // [B, T, S]
}

}  // namespace heed
