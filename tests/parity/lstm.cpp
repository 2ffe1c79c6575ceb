// Lstm and LstmCell equal torch.nn.LSTM (packed sequences, all gradients).
#include "heed/nn/rnn/lstm.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

namespace {

nn::LstmCell::Config config_of(const Golden& golden) {
  return {.input = golden.integer("input"),
          .hidden = golden.integer("hidden"),
          .bias = golden.integer("bias") == 1,
          .dtype = golden.dtype()};
}

void cell(Golden& golden) {
  Generator generator(1);
  nn::LstmCell cell(config_of(golden), generator);
  golden.load(cell);
  const nn::LstmCell::State state = cell.forward(golden.input("x"), {golden.input("h"), golden.input("c")});
  golden.compare({{"h", state.h}, {"c", state.c}});
}

void layers(Golden& golden) {
  Generator generator(1);
  nn::Lstm lstm({.cell = config_of(golden),
                 .layers = golden.integer("layers"),
                 .bidirectional = golden.integer("bidirectional") == 1},
                generator);
  golden.load(lstm);
  nn::Lstm::Input input{.x = golden.input("x")};
  if (golden.has("set/lengths")) input.lengths = golden.integers("lengths");
  if (golden.has("in/initial_h")) input.initial_state = {golden.input("initial_h"), golden.input("initial_c")};
  const nn::Lstm::Output read = lstm.forward(input);
  golden.compare({{"output", read.output}, {"last_h", read.final_state.h}, {"last_c", read.final_state.c}});
}

}  // namespace

TEST_CASE("Lstm equals torch.nn.LSTM", "[parity]") {
  for (Golden& golden : test::goldens("lstm")) (golden.kind() == "cell" ? cell : layers)(golden);
}
