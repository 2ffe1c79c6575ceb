// Sums: the gradients of a node's inputs as far as they have been added up when the node runs. A rule returns its part
// of a gradient, and the engine adds it to the others. Where others were there first, a rule may add its part to them
// in place: a weight that a loop uses T times then costs one fresh gradient, not T, and a slice at each of T times
// costs T slices, not T whole tensors.
#pragma once

#include "heed/autograd/node.h"
#include "heed/tensor/create.h"

namespace heed {

/// What a rule is given besides dy when its `vjp` or `backward` takes it. Where gradients are themselves recorded
/// (V = Variable) no sum may change.
template <class V>
class Sums {
 public:
  explicit Sums(GradientSums* engine) : engine_(engine) {}

  /// The gradient make() of input number `input`. Where that input has a sum already, add(sum) adds the same to it
  /// instead, and what is returned is undefined: nothing is left to be added.
  template <class Add, class Make>
  V add(std::size_t input, Add&& add, Make&& make) const {
    if constexpr (std::is_same_v<V, Tensor>)
      if (Tensor* sum = engine_ == nullptr ? nullptr : engine_->so_far(input)) {
        add(*sum);
        return V();
      }
    return make();
  }

  /// The same where the gradient is what add(..) makes of zeros.
  template <class Add>
  Tensor add_to_zeros(std::size_t input, const Shape& shape, DType dtype, Add&& add_to) const {
    return add(input, add_to, [&] {
      Tensor dx = zeros(shape, dtype);
      add_to(dx);
      return dx;
    });
  }

  /// The same for a product, in which no leading axis broadcasts (ops/matmul.h).
  V add_product(std::size_t input, const V& a, const V& b) const {
    return add(input, [&](auto& sum) { add_matmul(sum, a, b); }, [&] { return matmul(a, b); });
  }

 private:
  GradientSums* engine_;
};

}  // namespace heed
