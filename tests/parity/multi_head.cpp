// Multi-head attention equals torch.nn.MultiheadAttention: output, weights of every head, all gradients.
#include "heed/nn/attention/multi_head.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

TEST_CASE("multi-head attention equals PyTorch's", "[parity][multi_head]") {
  for (Golden& golden : test::goldens("multi_head")) {
    nn::MultiHeadAttention attention({.embed = golden.integer("embed"),
                                      .heads = golden.integer("heads"),
                                      .key = golden.integer("key"),
                                      .value = golden.integer("value"),
                                      .bias = golden.integer("bias") == 1,
                                      .dtype = golden.dtype()},
                                     nn::ParameterSource::zeros());
    golden.load(attention);
    const bool cross = golden.has("in/key");
    const auto found = attention.forward({.query = golden.input("query"),
                                          .key = cross ? golden.input("key") : Variable(),
                                          .value = cross ? golden.input("value") : Variable(),
                                          .mask = golden.has("in/mask") ? golden.tensor("in/mask") : Tensor(),
                                          .causal = golden.integer("causal") == 1,
                                          .need_weights = true});
    golden.compare({{"y", found.y}, {"weights", found.weights}});
  }
}
