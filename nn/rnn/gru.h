// Gated recurrent unit: one cell, and the layer that runs it over sequences.
#pragma once

#include <span>
#include <vector>

#include "heed/autograd/fused/gru.h"
#include "heed/nn/module.h"
#include "heed/tensor/random/random.h"

namespace heed::nn {

/// One time step (formulas in tensor/ops/gru.h). Parameters as in torch.nn.GRUCell, gate rows in the order r, z, n:
/// weight_ih [3H, I], weight_hh [3H, H], bias_ih [3H], bias_hh [3H], drawn from U(-1/√H, 1/√H).
struct GruCell {
  struct Config {
    std::int64_t input = 0, hidden = 0;
    bool bias = true;
    GruReset reset = GruReset::after;  ///< `after` is PyTorch's, `before` that of Cho et al. 2014
    DType dtype = DType::f32;
  };
  using State = Variable;  ///< h [B, H]

  /// ShapeError unless input and hidden are positive.
  GruCell(const Config& config, Generator& generator);

  Variable gates(const Variable& x) const;                  ///< [.., I] -> [.., 3H]
  State step(const Variable& gates, const State& h) const;  ///< [B, 3H], [B, H] -> [B, H]
  static Variable output(const State& h) { return h; }
  static State keep(const Tensor& alive, const State& fresh, const State& old);

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor, const std::string& suffix = "") {
    visitor("weight_ih" + suffix, self.weight_ih);
    visitor("weight_hh" + suffix, self.weight_hh);
    visitor("bias_ih" + suffix, self.bias_ih);
    visitor("bias_hh" + suffix, self.bias_hh);
  }

  Parameter weight_ih, weight_hh, bias_ih, bias_hh;
  Config config;  ///< behind the parameters: an assignment that they refuse leaves it
};

struct GruInput {
  Variable x;                         ///< [B, T, I]
  std::vector<std::int64_t> lengths;  ///< of each example; empty: all T
  Variable initial;                   ///< [layers·directions, B, H]; undefined: zeros
};

struct GruOutput {
  Variable output;  ///< [B, T, directions·H] of the last layer, forward beside backward; 0 beyond an example's length
  Variable last;    ///< [layers·directions, B, H]; a backward direction ends at the first token
};

/// A stack of GRU layers, batch first. Parameter names, layouts and numbers are torch.nn.GRU's: weight_ih_l0, …,
/// weight_ih_l0_reverse, …; layers above the first read directions·H numbers.
struct Gru {
  struct Config {
    std::int64_t input = 0, hidden = 0, layers = 1;
    bool bidirectional = false;
    bool bias = true;
    GruReset reset = GruReset::after;
    DType dtype = DType::f32;
  };

  /// ShapeError unless input, hidden and layers are positive.
  Gru(const Config& config, Generator& generator);

  /// T = 0 gives an output [B, 0, directions·H] and the initial state. ShapeError when x is not [B, T, I], lengths or
  /// initial state do not fit.
  GruOutput forward(const GruInput& input) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    const std::size_t directions = self.config.bidirectional ? 2 : 1;
    for (std::size_t i = 0; i < self.cells.size(); ++i)
      GruCell::visit(self.cells[i], visitor,
                     "_l" + std::to_string(i / directions) + (i % directions ? "_reverse" : ""));
  }

  ModuleList<GruCell> cells;  ///< layer by layer, forward before backward
  Config config;
};

}  // namespace heed::nn
