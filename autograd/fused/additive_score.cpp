#include "heed/autograd/fused/additive_score.h"

#include "heed/autograd/fused/fused.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/internal/long_sums.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/kernels/additive_score.h"
#include "heed/tensor/ops/reduce.h"

namespace heed {
namespace {

struct AdditiveScore final : Fused<AdditiveScore, 3> {
  static constexpr std::string_view op = "additive_score";

  Tensor forward(const Tensor& query, const Tensor& key, const Tensor& vector) {
    const Sizes size = check_shapes(op, {{"q", query, "B T A"}, {"k", key, "B S A"}, {"v", vector, "A"}});
    for (const Tensor* other : {&key, &vector}) check_same_dtype(op, query.dtype(), other->dtype());
    const Tensor q = query.contiguous(), k = key.contiguous(), v = vector.contiguous();
    const std::int64_t queries = size['T'], keys = size['S'], width = size['A'];
    Tensor e = empty({size['B'], queries, keys}, q.dtype(), op);
    dispatch_float(op, q.dtype(), [&]<class T> {
      const auto score = kernels::additive_score().of<T>().forward;
      parallel_chunks(e.numel(), 1 + 4096 / (width + 1), [&, to = e.mutable_data<T>()](auto begin, auto end) {
        for (std::int64_t i = begin; i < end; ++i)
          to[i] = score(q.data<T>() + i / keys * width, k.data<T>() + (i / (queries * keys) * keys + i % keys) * width,
                        v.data<T>(), to_size(width));
      });
    });
    return e;
  }

  Grads<Tensor> backward(const Tensor& gradient, const Sums<Tensor>& sums) {
    const Tensor q = input(0).contiguous(), k = input(1).contiguous(), v = input(2).contiguous();
    const Tensor de = gradient.contiguous();
    Tensor dq = needs(0) ? zeros(q.shape(), q.dtype()) : Tensor(), dk;
    // One row of dv per example, added up in a fixed order afterwards.
    Tensor dv = needs(2) ? zeros({q.size(0), q.size(2)}, q.dtype()) : Tensor();
    const auto add = [&](Tensor& sum) {
      dispatch_float(op, q.dtype(), [&]<class T> { add_gradients<T>(de, q, k, v, dq, sum, dv); });
    };
    if (needs(1))
      dk = sums.add_to_zeros(1, k.shape(), k.dtype(), add);
    else
      add(dk);
    return {dq, dk, needs(2) ? sum(dv, {0}) : dv};
  }

  Variable definition(std::span<const Variable> x) const { return additive_score_definition(x[0], x[1], x[2]); }

 private:
  // Adds to those of dq, dk and dv that are defined.
  template <class T>
  static void add_gradients(const Tensor& de, const Tensor& q, const Tensor& k, const Tensor& v, Tensor& dq, Tensor& dk,
                            Tensor& dv) {
    const std::int64_t batch = q.size(0), queries = q.size(1), keys = k.size(1), width = q.size(2);
    const auto& kernel = kernels::additive_score().of<T>();
    const auto first = [](Tensor& x) { return x.defined() ? x.mutable_data<T>() : nullptr; };
    T *to_q = first(dq), *to_k = first(dk), *to_v = first(dv);
    parallel_chunks(batch, 1 + 4096 / (queries * keys * width + 1), [&](std::int64_t begin, std::int64_t end) {
      LongSums<T> q_sums(to_q, width, keys), k_sums(to_k, keys * width, queries), v_sums(to_v, width, queries * keys);
      for (std::int64_t b = begin; b < end; ++b) {
        for (std::int64_t t = b * queries; t < (b + 1) * queries; ++t) {
          for (std::int64_t s = 0; s < keys; ++s) {
            kernel.backward(de.data<T>()[t * keys + s], q.data<T>() + t * width, k.data<T>() + (b * keys + s) * width,
                            v.data<T>(), q_sums.at(t), k_sums.at(b, s * width), v_sums.at(b), to_size(width));
            q_sums.added(t);
            v_sums.added(b);
          }
          q_sums.finish(t);
          k_sums.added(b);
        }
        k_sums.finish(b);
        v_sums.finish(b);
      }
    });
  }
};

}  // namespace

Variable additive_score(const Variable& q, const Variable& k, const Variable& v) {
  return fused<AdditiveScore>({q, k, v});
}

Variable additive_score_definition(const Variable& q, const Variable& k, const Variable& v) {
  const Variable table = tanh(unsqueeze(q, 2) + unsqueeze(k, 1));  // [B, T, S, A]
  return matmul(table, v);                                         // [B, T, S]
}

}  // namespace heed
