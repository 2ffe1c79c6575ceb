// The loop over time that every recurrent layer uses.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/mask.h"

namespace heed::nn {

namespace detail {
/// ShapeError unless x has rank 3.
void check_sequences(const Variable& x);
/// ShapeError unless the cell's gates for x [B, T, I] are [B, T, G].
void check_gates(const Variable& gates, std::int64_t batch, std::int64_t steps);
/// ShapeError unless the cell's output is [B, H], DTypeError for another dtype than the first
/// one's (undefined before there is one), whose H it must have too.
void check_output(const Variable& output, const Variable& first, std::int64_t batch);
/// [B, 0, H] for an output [B, H], with a place in the graph of the cell's gates [B, 0, G].
Variable no_outputs(const Variable& output, const Variable& gates);
}  // namespace detail

template <class State>
struct Unrolled {
  Variable output;  ///< [B, T, H], 0 beyond an example's length
  State last;       ///< after the last real token in the direction of reading
};

/// Runs `cell` over x [B, T, I], forwards or backwards. The input's share of the gates is one product for all times.
/// An empty `lengths` means that all examples are T long; otherwise example b's state stands still beyond lengths[b],
/// so the backward direction begins at its last real token; x is one that mask_padding() has seen. The cell gives:
/// State; gates(x) -> [B, T, G]; step(gates_t [B, G], state) -> State; output(state) -> [B, H]; keep(alive [B, 1],
/// fresh, old) -> State. For T = 0 the output is [B, 0, H] and the last state the initial one. ShapeError or DTypeError
/// when lengths do not fit or the cell gives something else.
template <class Cell>
Unrolled<typename Cell::State> unroll(const Cell& cell, const Variable& x, std::span<const std::int64_t> lengths,
                                      typename Cell::State state, bool backwards) {
  detail::check_sequences(x);
  const std::int64_t batch = x.size(0), steps = x.size(1);
  if (!lengths.empty()) check_lengths("unroll", lengths, batch, steps);
  const std::int64_t shortest = lengths.empty() ? steps : *std::min_element(lengths.begin(), lengths.end());
  const Variable all_gates = cell.gates(x);
  detail::check_gates(all_gates, batch, steps);
  const std::vector<Variable> gates = unstack(all_gates, 1);
  std::vector<Variable> outputs(gates.size());
  Variable first;
  const auto output_of = [&](const typename Cell::State& of) {
    Variable output = cell.output(of);
    detail::check_output(output, first, batch);
    if (!first.defined()) first = output;
    return output;
  };
  for (std::int64_t i = 0; i < steps; ++i) {
    const std::int64_t t = backwards ? steps - 1 - i : i;
    const auto at = static_cast<std::size_t>(t);
    typename Cell::State fresh = cell.step(gates[at], state);
    if (t < shortest) {
      state = std::move(fresh);
      outputs[at] = output_of(state);
    } else {
      const Tensor alive = step_mask(lengths, t);
      state = cell.keep(alive, fresh, state);
      const Variable h = output_of(state);
      outputs[at] = where(alive, h, 0);
    }
  }
  if (outputs.empty()) return {detail::no_outputs(output_of(state), all_gates), std::move(state)};
  return {stack(outputs, 1), std::move(state)};
}

}  // namespace heed::nn
