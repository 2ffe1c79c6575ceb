// Positions equal the papers' formulas in PyTorch.
#include "heed/nn/transformer/positions/learned.h"
#include "heed/nn/transformer/positions/rotary.h"
#include "heed/nn/transformer/positions/sinusoidal.h"
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

}  // namespace

TEST_CASE("positions equal their formulas in PyTorch", "[parity]") {
  for (Golden& golden : test::goldens("positions")) {
    INFO(golden.name());
    if (golden.kind() == "sinusoidal")
      golden.compare({{"y", nn::SinusoidalPositions::forward(golden.input("x"), golden.integer("first"))}});
    else if (golden.kind() == "learned")
      compare_learned(golden);
    else
      compare_rotary(golden);
  }
}
