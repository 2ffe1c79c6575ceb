#include "heed/nn/transformer/transformer.h"

#include "heed/nn/init.h"

namespace heed::nn {
namespace {

Tensor xavier(const ParameterSpec& p, Generator& generator) {
  return p.kind == ParameterKind::weight ? xavier_uniform(generator, p.shape, 1, p.dtype) : Tensor();
}

}  // namespace

Transformer::Transformer(const Config& c, const ParameterSource& source) : Transformer(c, Drawn{source.with(xavier)}) {}

Transformer::Transformer(const Config& c, const Drawn& drawn)
    : encoder({.layer = c.layer, .layers = c.encoder_layers, .final_norm = c.final_norm}, drawn.source),
      decoder({.layer = c.layer, .layers = c.decoder_layers, .final_norm = c.final_norm}, drawn.source) {}

Transformer::Output Transformer::forward(const Inputs& in) const {
  auto read = encoder.forward(
      {.x = in.source, .mask = in.source_mask, .generator = in.generator, .need_weights = in.need_weights});
  auto written = decoder.forward({.x = in.target,
                                  .memory = read.y,
                                  .mask = in.target_mask,
                                  .memory_mask = in.source_mask,
                                  .generator = in.generator,
                                  .need_weights = in.need_weights});
  return {written.y, std::move(read.layers), std::move(written.layers)};
}

}  // namespace heed::nn
