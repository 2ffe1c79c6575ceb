// Linear, Embedding, maxout and matmul equal PyTorch's.
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/nn/maxout.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

namespace {

void linear_layer(Golden& golden) {
  Generator generator(1);
  nn::Linear layer({.in = golden.integer("in"),
                    .out = golden.integer("out"),
                    .bias = golden.integer("bias") == 1,
                    .dtype = golden.dtype()},
                   generator);
  golden.load(layer);
  golden.compare({{"y", layer.forward(golden.input("x"))}});
}

void embedding(Golden& golden) {
  Generator generator(1);
  nn::Embedding::Config config{
      .num_embeddings = golden.integer("count"), .embedding_dim = golden.integer("width"), .dtype = golden.dtype()};
  if (golden.has("set/padding")) config.padding_idx = golden.integer("padding");
  nn::Embedding layer(config, generator);
  golden.load(layer);
  golden.compare({{"y", layer.forward(golden.tensor("in/ids"))}});
}

void maxout(Golden& golden) { golden.compare({{"y", nn::maxout(golden.input("x"), golden.integer("pieces"))}}); }

void matrix_product(Golden& golden) {
  Variable a = golden.input("a"), b = golden.input("b");
  if (golden.name() == "matmul of transposed matrices") a = mT(a), b = mT(b);
  golden.compare({{"y", matmul(a, b)}});
}

}  // namespace

TEST_CASE("layers equal PyTorch's", "[parity]") {
  const std::map<std::string, void (*)(Golden&)> kinds{
      {"linear", linear_layer}, {"embedding", embedding}, {"maxout", maxout}, {"matmul", matrix_product}};
  for (Golden& golden : test::goldens("layers")) kinds.at(golden.kind())(golden);
}
