// The loop over time that every recurrent layer uses.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "heed/autograd/fused/sequence_order.h"
#include "heed/nn/mask.h"
#include "heed/nn/rnn/state.h"

namespace heed::nn {

namespace detail {
/// ShapeError unless x is [B, T, I] and the cell's gates for it [B, T, G].
void check_gates(const Variable& x, const Variable& gates);
/// ShapeError unless the cell's output for x [B, T, I] is [B, H], DTypeError for another dtype than the first one's
/// (undefined before there is one), whose H it must have too.
void check_output(const Variable& x, const Variable& output, const Variable& first);
/// [B, 0, H] for an output [B, H], which depends on the cell's gates [B, 0, G] in the graph.
Variable no_outputs(const Variable& output, const Variable& gates);
}  // namespace detail

template <class State>
struct Unrolled {
  Variable output;    ///< [B, T, H], 0 beyond an example's length
  State final_state;  ///< after the last real token in the direction of reading
};

/// unroll() for a cell without a sequence(), given its gates(x) [B, T, G].
template <class Cell>
Unrolled<typename Cell::State> unroll_steps(const Cell& cell, const Variable& x, const Variable& all_gates,
                                            typename Cell::State state, const SequenceOrder& order) {
  detail::check_gates(x, all_gates);
  const std::int64_t steps = x.size(1);
  const std::vector<std::int64_t>& lengths = order.lengths;
  if (!lengths.empty()) check_lengths("unroll", lengths, x.size(0), steps);
  const std::int64_t shortest = lengths.empty() ? steps : std::ranges::min(lengths);
  const std::vector<Variable> gates = unstack(all_gates, 1);
  std::vector<Variable> outputs(gates.size());
  Variable first;
  const auto output_of = [&](const typename Cell::State& of) {
    Variable output = cell.output(of);
    detail::check_output(x, output, first);
    if (!first.defined()) first = output;
    return output;
  };
  for (std::int64_t i = 0; i < steps; ++i) {
    const std::int64_t t = order.reverse ? steps - 1 - i : i;
    typename Cell::State fresh = cell.step(gates[to_size(t)], state);
    if (t < shortest) {
      state = std::move(fresh);
      outputs[to_size(t)] = output_of(state);
    } else {
      const Tensor mask = step_mask(lengths, t);
      state = select_state(mask, fresh, state);
      outputs[to_size(t)] = where(mask, output_of(state), 0);
    }
  }
  if (outputs.empty()) return {detail::no_outputs(output_of(state), all_gates), std::move(state)};
  return {stack(outputs, 1), std::move(state)};
}

/// Runs `cell` over x [B, T, I]. The gates' part that depends on the input is one product for all times. Where lengths
/// are given, example b's state stands still beyond lengths[b], so the reverse direction begins at its last real token;
/// x is one that mask_padding() has seen. The cell gives: State (rnn/state.h); gates(x) -> [B, T, G]; step(gates_t
/// [B, G], state) -> State; output(state) -> [B, H]; and it may give sequence(gates, state, order) -> Unrolled, which
/// is this loop as one operation. For T = 0 the output is [B, 0, H] and the final state the initial one. ShapeError or
/// DTypeError when lengths do not fit or the cell gives something else.
template <class Cell>
Unrolled<typename Cell::State> unroll(const Cell& cell, const Variable& x, typename Cell::State state,
                                      const SequenceOrder& order) {
  const Variable all_gates = cell.gates(x);
  if constexpr (requires { cell.sequence(all_gates, state, order); }) return cell.sequence(all_gates, state, order);
  return unroll_steps(cell, x, all_gates, std::move(state), order);
}

}  // namespace heed::nn
