// Rnn, Lstm, Gru and their cells equal torch.nn's (packed sequences, all gradients); with the reset gate before the
// product, Gru equals the formula of Cho et al. 2014 written in PyTorch.
#include "heed/nn/rnn/gru.h"
#include "heed/nn/rnn/lstm.h"
#include "heed/nn/rnn/rnn.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

namespace {

// The state's Variables as inputs and as outputs of a case, after a prefix of their names.
using Outputs = std::map<std::string, Variable>;
Variable state_of(Golden& golden, const std::string& prefix, Variable) { return golden.input(prefix + "h"); }
nn::LstmCell::State state_of(Golden& golden, const std::string& prefix, const nn::LstmCell::State&) {
  return {golden.input(prefix + "h"), golden.input(prefix + "c")};
}
Outputs outputs(const std::string& prefix, const Variable& h) { return {{prefix + "h", h}}; }
Outputs outputs(const std::string& prefix, const nn::LstmCell::State& s) {
  return {{prefix + "h", s.h}, {prefix + "c", s.c}};
}

// One case with the cell's settings, to which `set` adds its own.
template <class Cell, class Set>
void compare(Golden& golden, const Set& set) {
  Generator generator(1);
  typename Cell::Config config{.input = golden.integer("input"), .hidden = golden.integer("hidden")};
  config.bias = golden.integer("bias") == 1;
  config.dtype = golden.dtype();
  set(config, golden);
  if (golden.kind() == "cell") {
    Cell cell(config, generator);
    golden.load(cell);
    const Variable x = golden.input("x");
    return golden.compare(outputs("", cell.forward(x, state_of(golden, "", typename Cell::State()))));
  }
  nn::Recurrent<Cell> layer(
      {.cell = config, .layers = golden.integer("layers"), .bidirectional = golden.integer("bidirectional") == 1},
      generator);
  golden.load(layer);
  typename nn::Recurrent<Cell>::Input input{.x = golden.input("x")};
  if (golden.has("set/lengths")) input.lengths = golden.integers("lengths");
  if (golden.has("in/initial_h")) input.initial_state = state_of(golden, "initial_", typename Cell::State());
  const auto read = layer.forward(input);
  Outputs all = outputs("last_", read.final_state);
  all.emplace("output", read.output);
  golden.compare(all);
}

template <class Cell, class Set>
void compare_all(const std::vector<std::string>& files, const Set& set) {
  for (const std::string& file : files)
    for (Golden& golden : test::goldens(file)) compare<Cell>(golden, set);
}

}  // namespace

TEST_CASE("Lstm equals torch.nn.LSTM", "[parity]") {
  compare_all<nn::LstmCell>({"lstm", "lstm_deep"}, [](nn::LstmCell::Config&, const Golden&) {});
}

TEST_CASE("Rnn equals torch.nn.RNN", "[parity]") {
  compare_all<nn::RnnCell>({"rnn_tanh", "rnn_relu"}, [](nn::RnnCell::Config& config, const Golden& golden) {
    config.activation = golden.integer("relu") == 1 ? RnnActivation::relu : RnnActivation::tanh;
  });
}

TEST_CASE("Gru equals torch.nn.GRU", "[parity]") {
  compare_all<nn::GruCell>({"gru", "gru_deep"}, [](nn::GruCell::Config&, const Golden&) {});
}

TEST_CASE("Gru with reset before the product equals Cho's formula", "[parity]") {
  compare_all<nn::GruCell>({"gru_before"},
                           [](nn::GruCell::Config& config, const Golden&) { config.reset = GruReset::before; });
}
