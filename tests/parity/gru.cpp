// Gru and GruCell equal torch.nn.GRU (packed sequences, all gradients) and, with the reset gate before the product, the
// formula of Cho et al. 2014 written in PyTorch.
#include "heed/nn/rnn/gru.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

namespace {

void cell(Golden& golden, GruReset reset) {
  Generator generator(1);
  nn::GruCell cell({.input = golden.integer("input"),
                    .hidden = golden.integer("hidden"),
                    .bias = golden.integer("bias") == 1,
                    .reset = reset,
                    .dtype = golden.dtype()},
                   generator);
  golden.load(cell);
  golden.compare({{"h", cell.forward(golden.input("x"), golden.input("h"))}});
}

void layers(Golden& golden, GruReset reset) {
  Generator generator(1);
  nn::Gru gru({.cell = {.input = golden.integer("input"),
                        .hidden = golden.integer("hidden"),
                        .bias = golden.integer("bias") == 1,
                        .reset = reset,
                        .dtype = golden.dtype()},
               .layers = golden.integer("layers"),
               .bidirectional = golden.integer("bidirectional") == 1},
              generator);
  golden.load(gru);
  nn::Gru::Input input{.x = golden.input("x")};
  if (golden.has("set/lengths")) input.lengths = golden.integers("lengths");
  if (golden.has("in/initial")) input.initial_state = golden.input("initial");
  const nn::Gru::Output read = gru.forward(input);
  golden.compare({{"output", read.output}, {"last", read.final_state}});
}

void compare_all(const std::string& file, GruReset reset) {
  for (Golden& golden : test::goldens(file)) (golden.kind() == "cell" ? cell : layers)(golden, reset);
}

}  // namespace

TEST_CASE("Gru equals torch.nn.GRU", "[parity]") { compare_all("gru", GruReset::after); }

TEST_CASE("Gru with reset before the product equals Cho's formula", "[parity]") {
  compare_all("gru_before", GruReset::before);
}
