// Softmax, the usual align: "soft", "global" attention (Bahdanau, Cho and Bengio 2015; Luong, Pham and Manning 2015).
#pragma once

#include "heed/autograd/fused/softmax.h"

namespace heed::nn {

/// a_s = exp(e_s - m)/Σ exp(e - m) over the allowed keys, m their largest score. Each row of weights adds up to 1, or
/// to 0 when it may attend to nothing.
struct SoftmaxAlign {
  /// scores [B, T, S], mask bool, broadcast to [B, T, S] -> weights [B, T, S].
  static Variable forward(const Variable& scores, const Tensor& mask) { return softmax(scores, mask); }

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
};

}  // namespace heed::nn
