// LayerNorm equals PyTorch's.
#include "heed/nn/layer_norm.h"

#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

TEST_CASE("LayerNorm equals PyTorch's", "[parity]") {
  for (Golden& golden : test::goldens("layer_norm")) {
    nn::LayerNorm::Config config{.epsilon = golden.number("eps"),
                                 .elementwise_affine = golden.integer("elementwise_affine") == 1,
                                 .bias = golden.integer("bias") == 1,
                                 .dtype = golden.dtype()};
    for (const std::int64_t size : golden.integers("shape")) config.normalized_shape.push_back(size);
    nn::LayerNorm layer(config, nn::ParameterSource::zeros());
    golden.load(layer);
    golden.compare({{"y", layer.forward(golden.input("x"))}});
  }
}
