// Gated recurrent unit (Cho et al. 2014).
#pragma once

#include "heed/autograd/fused/gru.h"
#include "heed/nn/rnn/cell_parameters.h"
#include "heed/nn/rnn/recurrent.h"

namespace heed::nn {

/// One time step (formulas in autograd/fused/gru.h). Parameters (rnn/cell_parameters.h) as in
/// torch.nn.GRUCell, gate rows in the order r, z, n.
struct GruCell : CellParameters {
  static constexpr const char* name = "gru";

  struct Config {
    std::int64_t input = 0, hidden = 0;
    bool bias = true;
    GruReset reset = GruReset::after;  ///< `after` is PyTorch's, `before` that of Cho et al. 2014
    DType dtype = DType::f32;
  };
  using State = Variable;  ///< h [B, H]

  /// ShapeError unless input and hidden are positive.
  GruCell(const Config& config, const ParameterSource& source);

  State initial_state(std::int64_t batch) const;            ///< zeros
  Variable gates(const Variable& x) const;                  ///< x·W_ihᵀ + b_ih: [.., I] -> [.., 3H]
  State step(const Variable& gates, const State& h) const;  ///< [B, 3H], [B, H] -> [B, H]
  Unrolled<State> sequence(const Variable& gates, const State& h, const SequenceOrder& order) const;  ///< fused
  static Variable output(const State& h) { return h; }

  /// The state after x: [B, I], [B, H] -> [B, H].
  State forward(const Variable& x, const State& h) const { return step(gates(x), h); }

  Config config;  ///< behind the parameters: an assignment that they refuse leaves it
};

/// Parameters, layouts and numbers are torch.nn.GRU's.
using Gru = Recurrent<GruCell>;

}  // namespace heed::nn
