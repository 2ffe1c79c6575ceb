// The loop over time that every recurrent layer uses.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "heed/autograd/elementwise.h"
#include "heed/autograd/movement.h"
#include "heed/tensor/create.h"

namespace heed::nn {

/// True for the examples that still have a token at time t: [B, 1] bool.
Tensor alive_at(std::span<const std::int64_t> lengths, std::int64_t t);

/// ShapeError unless there is one length in [0, steps] per example.
void require_lengths(const char* operation, std::span<const std::int64_t> lengths, std::int64_t batch,
                     std::int64_t steps);

/// x [B, T, I] with 0 beyond each example's length: whatever stands there (NaN included) reaches neither a state nor,
/// by way of 0·NaN, a gradient. x itself when all examples are T long.
Variable hide_padding(const Variable& x, std::span<const std::int64_t> lengths);

template <class State>
struct Unrolled {
  Variable output;  ///< [B, T, H], 0 beyond an example's length
  State last;       ///< after the last real token in the direction of reading
};

/// Runs `cell` over x [B, T, I], forwards or backwards. The input's share of the gates is one product for all times.
/// An empty `lengths` means that all examples are T long; otherwise example b's state stands still beyond lengths[b],
/// so the backward direction begins at its last real token; x is one that hide_padding() has seen. The cell gives:
/// State; gates(x) -> [B, T, G]; step(gates_t [B, G], state) -> State; output(state) -> [B, H]; keep(alive [B, 1],
/// fresh, old) -> State.
template <class Cell>
Unrolled<typename Cell::State> unroll(const Cell& cell, const Variable& x, std::span<const std::int64_t> lengths,
                                      typename Cell::State state, bool backwards) {
  const std::int64_t steps = x.size(1);
  const std::int64_t shortest = lengths.empty() ? steps : *std::min_element(lengths.begin(), lengths.end());
  const std::vector<Variable> gates = unstack(cell.gates(x), 1);
  std::vector<Variable> outputs(gates.size());
  for (std::int64_t i = 0; i < steps; ++i) {
    const std::int64_t t = backwards ? steps - 1 - i : i;
    const auto at = static_cast<std::size_t>(t);
    typename Cell::State fresh = cell.step(gates[at], state);
    if (t < shortest) {
      state = std::move(fresh);
      outputs[at] = cell.output(state);
    } else {
      const Tensor alive = alive_at(lengths, t);
      state = cell.keep(alive, fresh, state);
      const Variable h = cell.output(state);
      outputs[at] = where(alive, h, Variable(like(h.value(), 0)));
    }
  }
  return {stack(outputs, 1), std::move(state)};
}

}  // namespace heed::nn
