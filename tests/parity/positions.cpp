// Positions equal the papers' formulas in PyTorch.
#include "heed/autograd/ops/elementwise.h"
#include "heed/nn/positions/alibi.h"
#include "heed/nn/positions/learned.h"
#include "heed/nn/positions/relative.h"
#include "heed/nn/positions/rotary.h"
#include "heed/nn/positions/sinusoidal.h"
#include "heed/nn/positions/t5_bias.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

namespace {

void compare_learned(Golden& golden) {
  Generator generator(1);
  nn::LearnedPositions layer(
      {.positions = golden.integer("positions"), .features = golden.integer("features"), .dtype = golden.dtype()},
      generator);
  golden.load(layer);
  golden.compare({{"y", layer.forward(golden.input("x"), golden.integer("first"))}});
}

void compare_rotary(Golden& golden) {
  const nn::RotaryOptions options{
      .pairs = golden.number("halves") == 1 ? nn::RotaryPairs::halves : nn::RotaryPairs::interleaved,
      .base = golden.number("base"),
      .width = golden.integer("width")};
  golden.compare({{"y", nn::rotary(golden.input("x"), golden.integer("first"), options)}});
}

void compare_alibi(Golden& golden) {
  golden.compare(
      {{"y", golden.input("scores") + Variable(nn::alibi_bias(golden.integer("heads"), 3, 5, {}, golden.dtype()))}});
}

void compare_t5(Golden& golden) {
  Generator generator(1);
  nn::T5Bias bias({.heads = 1,
                   .layout = {.buckets = golden.integer("buckets"),
                              .max_distance = golden.integer("max_distance"),
                              .bidirectional = golden.number("both") == 1},
                   .dtype = golden.dtype()},
                  generator);
  golden.load(bias);
  const Variable scores = golden.input("scores");
  golden.compare({{"y", scores + bias.forward(scores.size(2), scores.size(3), golden.integer("first"))}});
}

void compare_shaw(Golden& golden) {
  Generator generator(1);
  nn::RelativePositions layer({.clip = golden.integer("clip"), .key = 4, .value = 3, .dtype = golden.dtype()},
                              generator);
  golden.load(layer);
  golden.compare({{"y", layer.attend(golden.input("q"), golden.input("k"), golden.input("v"))}});
}

}  // namespace

TEST_CASE("positions equal their formulas in PyTorch", "[parity]") {
  for (Golden& golden : test::goldens("positions")) {
    INFO(golden.name());
    if (golden.kind() == "sinusoidal")
      golden.compare({{"y", nn::SinusoidalPositions::forward(golden.input("x"), golden.integer("first"))}});
    else if (golden.kind() == "learned")
      compare_learned(golden);
    else if (golden.kind() == "rotary")
      compare_rotary(golden);
    else if (golden.kind() == "alibi")
      compare_alibi(golden);
    else if (golden.kind() == "t5")
      compare_t5(golden);
    else
      compare_shaw(golden);
  }
}
