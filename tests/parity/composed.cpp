// Bilinear, WeightNorm, Sequential and Residual equal PyTorch's, names of the state dict included.
#include "heed/nn/activation.h"
#include "heed/nn/bilinear.h"
#include "heed/nn/layer_norm.h"
#include "heed/nn/linear.h"
#include "heed/nn/residual.h"
#include "heed/nn/rms_norm.h"
#include "heed/nn/sequential.h"
#include "heed/nn/weight_norm.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

namespace {

// The module loads the case's state, and gets the case's inputs of these names.
template <class Module, class... Names>
void compare(Golden& golden, const typename Module::Config& config, const Names&... names) {
  Module module(config, nn::ParameterSource::zeros());
  golden.load(module);
  golden.compare({{"y", module.forward(golden.input(names)...)}});
}

void one(Golden& golden) {
  const DType dtype = golden.dtype();
  const std::string name = golden.name();
  const auto linear = [&](std::int64_t in, std::int64_t out) {
    return nn::Linear::Config{.in = in, .out = out, .dtype = dtype};
  };
  if (golden.has("set/in1")) {
    const nn::Bilinear::Config config{.in1 = golden.integer("in1"),
                                      .in2 = golden.integer("in2"),
                                      .out = golden.integer("out"),
                                      .bias = golden.integer("bias") == 1,
                                      .dtype = dtype};
    if (golden.kind() == "bilinear") return compare<nn::Bilinear>(golden, config, "x1", "x2");
    return compare<nn::WeightNorm<nn::Bilinear>>(golden, config, "x1", "x2");
  }
  if (golden.kind() == "weight_norm") {
    nn::Linear::Config config = linear(golden.integer("in"), golden.integer("out"));
    config.bias = golden.integer("bias") == 1;
    return compare<nn::WeightNorm<nn::Linear>>(golden, config, "x");
  }
  if (name == "sequential of norms")
    return compare<nn::Sequential<nn::RmsNorm, nn::Linear, nn::Gelu, nn::LayerNorm>>(
        golden,
        {{.normalized_shape = {4}, .dtype = dtype}, linear(4, 7), {}, {.normalized_shape = {7}, .dtype = dtype}}, "x");
  if (name == "residual")
    return compare<nn::Residual<nn::Sequential<nn::Linear, nn::Silu, nn::Linear>>>(
        golden, {linear(4, 6), {}, linear(6, 4)}, "x");
  compare<nn::Sequential<nn::Linear, nn::Tanh, nn::Linear>>(golden, {linear(4, 7), {}, linear(7, 3)}, "x");
}

}  // namespace

TEST_CASE("bilinear and composed layers equal PyTorch's", "[parity]") {
  for (Golden& golden : test::goldens("composed")) one(golden);
}
