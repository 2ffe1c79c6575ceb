// LayerNorm and RmsNorm equal PyTorch's.
#include "heed/nn/layer_norm.h"
#include "heed/nn/rms_norm.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

namespace {

Shape shape_of(const Golden& golden) {
  Shape shape;
  for (const std::int64_t size : golden.integers("shape")) shape.push_back(size);
  return shape;
}

template <class Norm>
void compare(Golden& golden, const typename Norm::Config& config) {
  Norm layer(config, nn::ParameterSource::zeros());
  golden.load(layer);
  golden.compare({{"y", layer.forward(golden.input("x"))}});
}

}  // namespace

TEST_CASE("LayerNorm equals PyTorch's", "[parity]") {
  for (Golden& golden : test::goldens("layer_norm"))
    compare<nn::LayerNorm>(golden, {.normalized_shape = shape_of(golden),
                                    .epsilon = golden.number("eps"),
                                    .elementwise_affine = golden.integer("elementwise_affine") == 1,
                                    .bias = golden.integer("bias") == 1,
                                    .dtype = golden.dtype()});
}

TEST_CASE("RmsNorm equals PyTorch's", "[parity]") {
  for (Golden& golden : test::goldens("rms_norm")) {
    nn::RmsNorm::Config config{.normalized_shape = shape_of(golden), .dtype = golden.dtype()};
    if (golden.has("set/eps")) config.epsilon = golden.number("eps");
    if (golden.has("set/elementwise_affine")) config.elementwise_affine = golden.integer("elementwise_affine") == 1;
    compare<nn::RmsNorm>(golden, config);
  }
}
