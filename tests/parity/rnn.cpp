// Rnn and RnnCell equal torch.nn.RNN (tanh and relu, packed sequences, all gradients).
#include "heed/nn/rnn/rnn.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

namespace {

nn::RnnCell::Config config_of(const Golden& golden) {
  return {.input = golden.integer("input"),
          .hidden = golden.integer("hidden"),
          .bias = golden.integer("bias") == 1,
          .activation = golden.integer("relu") == 1 ? RnnActivation::relu : RnnActivation::tanh,
          .dtype = golden.dtype()};
}

void cell(Golden& golden) {
  Generator generator(1);
  nn::RnnCell cell(config_of(golden), generator);
  golden.load(cell);
  golden.compare({{"h", cell.forward(golden.input("x"), golden.input("h"))}});
}

void layers(Golden& golden) {
  Generator generator(1);
  nn::Rnn rnn({.cell = config_of(golden),
               .layers = golden.integer("layers"),
               .bidirectional = golden.integer("bidirectional") == 1},
              generator);
  golden.load(rnn);
  nn::Rnn::Input input{.x = golden.input("x")};
  if (golden.has("set/lengths")) input.lengths = golden.integers("lengths");
  if (golden.has("in/initial_h")) input.initial_state = golden.input("initial_h");
  const nn::Rnn::Output read = rnn.forward(input);
  golden.compare({{"output", read.output}, {"last_h", read.final_state}});
}

}  // namespace

TEST_CASE("Rnn equals torch.nn.RNN", "[parity]") {
  for (Golden& golden : test::goldens("rnn")) (golden.kind() == "cell" ? cell : layers)(golden);
}
