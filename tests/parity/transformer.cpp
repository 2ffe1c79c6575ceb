// Transformer layers and the whole of them equal PyTorch's: outputs, all gradients.
#include "heed/nn/transformer/transformer.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

namespace {

Tensor mask(const Golden& golden, const std::string& name) {
  return golden.has("in/" + name) ? golden.tensor("in/" + name) : Tensor();
}

nn::TransformerLayerConfig layer_config(const Golden& golden) {
  return {.embed = 6,
          .heads = 2,
          .feedforward = 5,
          .dropout = 0,
          .activation = static_cast<nn::FeedForwardActivation>(golden.integer("activation")),
          .norm_first = golden.integer("norm_first") == 1,
          .bias = golden.integer("bias") == 1,
          .dtype = golden.dtype()};
}

void check_encoder_layer(Golden& golden) {
  nn::TransformerLayerConfig config = layer_config(golden);
  config.heads = golden.integer("heads");
  config.epsilon = golden.number("epsilon");
  nn::TransformerEncoderLayer layer(config, nn::ParameterSource::zeros());
  golden.load(layer);
  golden.compare(
      {{"y",
        layer.forward({.x = golden.input("x"), .mask = mask(golden, "mask"), .causal = golden.integer("causal") == 1})
            .y}});
}

void check_decoder_layer(Golden& golden) {
  nn::TransformerDecoderLayer layer(layer_config(golden), nn::ParameterSource::zeros());
  golden.load(layer);
  golden.compare({{"y", layer
                            .forward({.x = golden.input("x"),
                                      .memory = golden.input("memory"),
                                      .memory_mask = mask(golden, "memory_mask")})
                            .y}});
}

void check_transformer(Golden& golden) {
  nn::Transformer model({.layer = {.embed = 4,
                                   .heads = 2,
                                   .feedforward = 6,
                                   .dropout = 0,
                                   .norm_first = golden.integer("norm_first") == 1,
                                   .dtype = golden.dtype()},
                         .encoder_layers = 2,
                         .decoder_layers = 2},
                        nn::ParameterSource::zeros());
  golden.load(model);
  golden.compare({{"y", model
                            .forward({.source = golden.input("source"),
                                      .target = golden.input("target"),
                                      .source_mask = mask(golden, "mask")})
                            .y}});
}

}  // namespace

TEST_CASE("Transformer layers equal PyTorch's", "[parity][transformer]") {
  for (Golden& golden : test::goldens("transformer")) {
    INFO(golden.name());
    if (golden.kind() == "encoder")
      check_encoder_layer(golden);
    else if (golden.kind() == "decoder")
      check_decoder_layer(golden);
    else
      check_transformer(golden);
  }
}
