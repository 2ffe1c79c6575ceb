#include "heed/nn/transformer/encoder_layer.h"

#include "heed/nn/internal/keep_lengths.h"
#include "heed/nn/internal/without_hidden.h"
#include "heed/nn/transformer/internal/sublayer.h"

namespace heed::nn {

TransformerEncoderLayer::TransformerEncoderLayer(const Config& c, const ParameterSource& source)
    : self_attn(attention_config(c), source),
      feed_forward(c, source),
      norm1(norm_config(c), source),
      norm2(norm_config(c), source),
      dropout({.p = c.dropout}),
      norm_first(c.norm_first) {}

TransformerEncoderLayer::Output TransformerEncoderLayer::forward(const Inputs& in, Cache& cache) const {
  return keep_length_on_error(cache, [&] { return run(in, &cache); });
}

TransformerEncoderLayer::Output TransformerEncoderLayer::run(const Inputs& in, Cache* cache) const {
  const SublayerSetting setting{norm_first, dropout, in.generator};
  Output result;
  const Variable attended =
      sublayer(cache ? in.x : without_hidden(in.x, in.mask), norm1, setting, [&](const Variable& x) {
        const MultiHeadAttention::Inputs asked{.query = x,
                                               .mask = in.mask,
                                               .causal = in.causal,
                                               .rotary = in.rotary,
                                               .bias = in.bias,
                                               .generator = in.generator,
                                               .need_weights = in.need_weights};
        auto found = cache ? self_attn.forward(asked, *cache) : self_attn.forward(asked);
        result.weights = found.weights;
        return found.y;
      });
  result.y = sublayer(attended, norm2, setting,
                      [&](const Variable& x) { return feed_forward.forward(x, dropout, in.generator); });
  return result;
}

}  // namespace heed::nn
