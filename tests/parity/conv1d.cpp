// Conv1d equals PyTorch's.
#include "heed/nn/conv1d.h"

#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

namespace {

nn::Conv1d::Config config_of(const Golden& golden) {
  nn::Conv1d::Config config{.in = golden.integer("in"),
                            .out = golden.integer("out"),
                            .kernel = golden.integer("kernel"),
                            .stride = golden.integer("stride"),
                            .dilation = golden.integer("dilation"),
                            .groups = golden.integer("groups"),
                            .bias = golden.integer("bias") == 1,
                            .dtype = golden.dtype()};
  const std::int64_t padding = golden.integer("padding");  // -1 and -2 stand for the rules
  if (padding == -1)
    config.padding = nn::Conv1dPaddingRule::same;
  else if (padding == -2)
    config.padding = nn::Conv1dPaddingRule::causal;
  else
    config.padding = padding;
  return config;
}

}  // namespace

TEST_CASE("Conv1d equals PyTorch's", "[parity][conv1d]") {
  for (Golden& golden : test::goldens("conv1d")) {
    nn::Conv1d layer(config_of(golden), nn::ParameterSource::zeros());
    golden.load(layer);
    golden.compare({{"y", layer.forward(golden.input("x"))}});
  }
}
