// Long short-term memory (Hochreiter and Schmidhuber 1997).
#pragma once

#include "heed/autograd/fused/lstm.h"
#include "heed/nn/rnn/cell_parameters.h"
#include "heed/nn/rnn/recurrent.h"

namespace heed::nn {

/// One time step (formulas in autograd/fused/lstm.h). Parameters (rnn/cell_parameters.h) as in
/// torch.nn.LSTMCell, gate rows in the order i, f, g, o.
struct LstmCell : CellParameters {
  static constexpr const char* name = "lstm";

  struct Config {
    std::int64_t input = 0, hidden = 0;
    bool bias = true;
    double forget_bias =
        0;  ///< added to bias_ih's forget rows at the start: 1 lets a cell remember from the first step
    DType dtype = DType::f32;
  };
  struct State {
    Variable h, c;  ///< [B, H]

    template <class F, class... States>
    static void for_each(F&& f, States&... states) {
      f(states.h...);
      f(states.c...);
    }
  };

  /// ShapeError unless input and hidden are positive; Error for a forget_bias without a bias.
  LstmCell(const Config& config, const ParameterSource& source);

  State initial_state(std::int64_t batch) const;                ///< zeros
  Variable gates(const Variable& x) const;                      ///< x·W_ihᵀ + b_ih + b_hh: [.., I] -> [.., 4H]
  State step(const Variable& gates, const State& state) const;  ///< gates [B, 4H]
  Unrolled<State> sequence(const Variable& gates, const State& state, const SequenceOrder& order) const;  ///< fused
  static Variable output(const State& state) { return state.h; }

  /// The state after x [B, I].
  State forward(const Variable& x, const State& state) const { return step(gates(x), state); }

  Config config;  ///< behind the parameters: an assignment that they refuse leaves it
};

/// Parameters, layouts and numbers are torch.nn.LSTM's.
using Lstm = Recurrent<LstmCell>;

}  // namespace heed::nn
