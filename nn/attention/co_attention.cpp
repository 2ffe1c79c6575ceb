#include "heed/nn/attention/co_attention.h"

#include "heed/autograd/ops/elementwise.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/tensor/create.h"

namespace heed::nn {
namespace detail {

void check_co_attention(const CoAttentionInput& in) {
  check_shapes("co-attention", {{"first", in.first.value(), "B S D"},
                                {"second", in.second.value(), "B U E"},
                                {"first_mask", in.first_mask, "B 1 S", true},
                                {"second_mask", in.second_mask, "B 1 U", true}});
  check_same_dtype("co-attention", in.first.dtype(), in.second.dtype());
}

Variable zero_query(const Variable& x) { return Variable(zeros({x.size(0), 1, x.size(2)}, x.dtype())); }

CoAttentionOutput without_queries(const AttentionOutput& first, const AttentionOutput& second) {
  return {squeeze(first.context, 1), squeeze(second.context, 1), squeeze(first.weights, 1), squeeze(second.weights, 1)};
}

}  // namespace detail

namespace {

const ParallelCoAttention::Config& checked(const ParallelCoAttention::Config& c) {
  check_sizes("parallel co-attention", {{"first", c.first}, {"second", c.second}, {"hidden", c.hidden}});
  return c;
}

Linear::Config projection(const ParallelCoAttention::Config& c, std::int64_t in) {
  return {.in = in, .out = c.hidden, .bias = false, .dtype = c.dtype};
}

Parameter vector(const ParallelCoAttention::Config& c, const ParameterSource& source) {
  return source.make({{c.hidden}, ParameterKind::weight, c.dtype}, c.hidden);
}

// One sequence: scores [B, S] of what it says and of what the other says to it.
AttentionOutput read(const ParallelCoAttention& self, std::string_view part, const Variable& own, const Variable& other,
                     const Variable& v, const Tensor& mask, const Variable& values) {
  const Variable scores = matmul(tanh(own + other), v);
  return attend_for(self, unsqueeze(scores, 1), mask, values, SoftmaxAlign(), {}, part);
}

}  // namespace

ParallelCoAttention::ParallelCoAttention(const Config& c, const ParameterSource& source)
    : affinity(source.make({{checked(c).first, c.second}, ParameterKind::weight, c.dtype}, c.first)),
      first(projection(c, c.first), source),
      second(projection(c, c.second), source),
      first_v(vector(c, source)),
      second_v(vector(c, source)) {}

CoAttentionOutput ParallelCoAttention::forward(const CoAttentionInput& in) const {
  detail::check_co_attention(in);
  check_shapes("co-attention", {{"first", in.first.value(), "B S D"},
                                {"second", in.second.value(), "B U E"},
                                {"affinity", affinity.value(), "D E"}});
  // Zeros say nothing to the other sequence: there is no bias.
  const Variable one = mask_padding(in.first, in.first_mask), two = mask_padding(in.second, in.second_mask);
  const Variable fits = tanh(matmul(matmul(one, affinity), mT(two)));      // [B, S, U]
  const Variable h_one = first.forward(one), h_two = second.forward(two);  // [B, S, A], [B, U, A]
  const AttentionOutput of_first = read(*this, "first", h_one, matmul(fits, h_two), first_v, in.first_mask, one);
  const AttentionOutput of_second =
      read(*this, "second", h_two, matmul(mT(fits), h_one), second_v, in.second_mask, two);
  CoAttentionOutput found = detail::without_queries(of_first, of_second);
  found.affinity = fits;
  return found;
}

}  // namespace heed::nn
