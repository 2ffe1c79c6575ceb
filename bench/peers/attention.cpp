#include "workloads/attention.h"

#include "peers/training.h"

namespace heed::bench {
namespace {

at::Tensor attend(const at::Tensor& packed, bool causal) {  // [B, T, 3, H, K] -> [B, H, T, K]
  const auto part = [&](std::int64_t i) { return packed.select(2, i).transpose(1, 2); };
  return at::scaled_dot_product_attention(part(0), part(1), part(2), {}, 0, causal);
}

at::Tensor leaf(const std::string& name, at::IntArrayRef shape) {
  return (weights(name, shape).detach() * 16).requires_grad_();
}

Step alone(const Attention& a) {
  const at::Tensor dy = weights("dy", {a.batch, a.length, a.heads, a.width}).detach().transpose(1, 2);
  return [=, causal = a.causal, packed = leaf("packed", {a.batch, a.length, 3, a.heads, a.width})] {
    at::Tensor(packed).mutable_grad() = at::Tensor();
    const at::Tensor y = attend(packed, causal);
    y.backward(dy);
    return (y.detach() * dy).sum().item<double>();
  };
}

// F.multi_head_attention_forward without its weights, in the fewest operations.
Step in_layer(const Attention& a) {
  const std::int64_t embed = a.heads * a.width;
  const std::vector<std::int64_t> shape{a.batch, a.length, embed};
  const std::vector<at::Tensor> leaves{weights("in_proj_weight", {3 * embed, embed}),
                                       weights("in_proj_bias", {3 * embed}), weights("out_proj.weight", {embed, embed}),
                                       weights("out_proj.bias", {embed}), leaf("x", shape)};
  return [=, dy = weights("dy", shape).detach()] {
    for (const at::Tensor& one : leaves) at::Tensor(one).mutable_grad() = at::Tensor();
    const at::Tensor packed =
        at::linear(leaves[4], leaves[0], leaves[1]).view({a.batch, a.length, 3, a.heads, a.width});
    const at::Tensor joined = attend(packed, a.causal).transpose(1, 2).reshape({a.batch, a.length, embed});
    const at::Tensor y = at::linear(joined, leaves[2], leaves[3]);
    y.backward(dy);
    return (y.detach() * dy).sum().item<double>();
  };
}

Step prepare(const Attention& a) { return a.projected ? in_layer(a) : alone(a); }

const bool registered = register_rows(attentions, prepare);

}  // namespace
}  // namespace heed::bench
