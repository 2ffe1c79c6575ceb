// The seed's attention equals the same program in PyTorch.
#include "heed/models/seed_attention.h"

#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/reduce.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;

TEST_CASE("seed_attention equals PyTorch's", "[parity][attention]") {
  for (test::Golden& golden : test::goldens("seed_attention")) {
    models::SeedAttention module({.width = golden.integer("width"), .dtype = golden.dtype()},
                                 nn::ParameterSource::zeros());
    golden.load(module);
    const nn::AttentionOutput found = module.forward(golden.input("x"));
    golden.compare({{"context", found.context}, {"weights", found.weights}});
    // A score gets q·b from the key's bias, the same for all keys: the softmax does not see it, and no file has its
    // gradient.
    const double bound = golden.dtype() == DType::f64 ? 1e-14 : 1e-5;
    CHECK(max(abs(module.key.bias.grad())).item() < bound);
  }
}
