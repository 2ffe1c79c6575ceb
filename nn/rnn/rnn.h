// Simple recurrent network (Elman 1990).
#pragma once

#include "heed/autograd/fused/rnn.h"
#include "heed/nn/rnn/cell_parameters.h"
#include "heed/nn/rnn/recurrent.h"

namespace heed::nn {

/// One time step, h' = f(W_ih·x + b_ih + W_hh·h + b_hh). Parameters (rnn/cell_parameters.h) as in
/// torch.nn.RNNCell.
struct RnnCell : CellParameters {
  static constexpr const char* name = "rnn";

  struct Config {
    std::int64_t input = 0, hidden = 0;
    bool bias = true;
    RnnActivation activation = RnnActivation::tanh;
    DType dtype = DType::f32;
  };
  using State = Variable;  ///< h [B, H]

  /// ShapeError unless input and hidden are positive.
  RnnCell(const Config& config, const ParameterSource& source);

  State initial_state(std::int64_t batch) const;            ///< zeros
  Variable gates(const Variable& x) const;                  ///< x·W_ihᵀ + b_ih + b_hh: [.., I] -> [.., H]
  State step(const Variable& gates, const State& h) const;  ///< [B, H], [B, H] -> [B, H]
  Unrolled<State> sequence(const Variable& gates, const State& h, const SequenceOrder& order) const;  ///< fused
  static Variable output(const State& h) { return h; }

  /// The state after x: [B, I], [B, H] -> [B, H].
  State forward(const Variable& x, const State& h) const { return step(gates(x), h); }

  Config config;  ///< behind the parameters: an assignment that they refuse leaves it
};

/// Parameters, layouts and numbers are torch.nn.RNN's.
using Rnn = Recurrent<RnnCell>;

}  // namespace heed::nn
