#include "heed/autograd/ops/index.h"

#include "heed/autograd/record.h"
#include "heed/tensor/create.h"

namespace heed {
namespace {

struct IndexSelect final : Rule<IndexSelect> {
  static constexpr std::string_view op = "index_select";
  Saved indices{*this};
  Shape from;
  int axis = 0;
  template <class V>
  Grads<V> vjp(const V& dy, const Sums<V>& sums) {
    if constexpr (std::is_same_v<V, Tensor>)
      return {sums.add_to_zeros(0, from, dy.dtype(), [&](Tensor& dx) { add_indexed(dx, axis, indices.tensor(), dy); })};
    else
      return {index_add(V(zeros(from, dy.dtype())), axis, indices.tensor(), dy)};
  }
};

struct IndexAdd final : Rule<IndexAdd> {
  static constexpr std::string_view op = "index_add";
  Saved indices{*this};
  int axis = 0;
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {dy, needs(1) ? index_select(dy, axis, indices.tensor()) : V()};
  }
};

struct Gather final : Rule<Gather> {
  static constexpr std::string_view op = "gather";
  Saved indices{*this};
  Shape from;
  int axis = 0;
  template <class V>
  Grads<V> vjp(const V& dy, const Sums<V>& sums) {
    if constexpr (std::is_same_v<V, Tensor>)
      return {
          sums.add_to_zeros(0, from, dy.dtype(), [&](Tensor& dx) { add_scattered(dx, axis, indices.tensor(), dy); })};
    else
      return {scatter_add(V(zeros(from, dy.dtype())), axis, indices.tensor(), dy)};
  }
};

struct ScatterAdd final : Rule<ScatterAdd> {
  static constexpr std::string_view op = "scatter_add";
  Saved indices{*this};
  int axis = 0;
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {dy, needs(1) ? gather(dy, axis, indices.tensor()) : V()};
  }
};

}  // namespace

Variable index_select(const Variable& x, int axis, const Tensor& indices) {
  return record<IndexSelect>(index_select(x.value(), axis, indices), {x}, [&](IndexSelect& rule) {
    rule.indices.keep_constant(indices);
    rule.from = x.shape();
    rule.axis = axis;
  });
}

Variable index_add(const Variable& x, int axis, const Tensor& indices, const Variable& source) {
  return record<IndexAdd>(index_add(x.value(), axis, indices, source.value()), {x, source}, [&](IndexAdd& rule) {
    rule.indices.keep_constant(indices);
    rule.axis = axis;
  });
}

Variable gather(const Variable& x, int axis, const Tensor& indices) {
  return record<Gather>(gather(x.value(), axis, indices), {x}, [&](Gather& rule) {
    rule.indices.keep_constant(indices);
    rule.from = x.shape();
    rule.axis = axis;
  });
}

Variable scatter_add(const Variable& x, int axis, const Tensor& indices, const Variable& source) {
  return record<ScatterAdd>(scatter_add(x.value(), axis, indices, source.value()), {x, source}, [&](ScatterAdd& rule) {
    rule.indices.keep_constant(indices);
    rule.axis = axis;
  });
}

}  // namespace heed
