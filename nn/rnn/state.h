// The state of a recurrent cell: one Variable, or a struct of several that lists them once:
//
//   struct State {
//     Variable h, c;
//     template <class F, class... States>
//     static void for_each(F&& f, States&... states) {
//       f(states.h...);
//       f(states.c...);
//     }
//   };
//
// From that list follows what a layer or a decoder does with states. Each Variable is [B, n], one row per example.
#pragma once

#include <concepts>
#include <string>
#include <type_traits>
#include <vector>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/index.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/state_dict.h"

namespace heed::nn {

/// f(a's, b's, …) for each Variable of the states, which are of one type.
template <class F, class State, class... States>
void for_each_variable(F&& f, State& state, States&... states) {
  if constexpr (std::same_as<std::remove_const_t<State>, Variable>)
    f(state, states...);
  else
    State::for_each(f, state, states...);
}

/// The rows of `fresh` where the mask [B, 1] is true, of `old` elsewhere.
template <class State>
State select_state(const Tensor& mask, const State& fresh, const State& old) {
  State result;
  for_each_variable([&](Variable& to, const Variable& a, const Variable& b) { to = where(mask, a, b); }, result, fresh,
                    old);
  return result;
}

/// Row i of the result is row rows[i] of the state; rows [N] i64. As a beam search reorders its hypotheses.
template <class State>
State reorder_state(const State& state, const Tensor& rows) {
  State result;
  for_each_variable([&](Variable& to, const Variable& from) { to = index_select(from, 0, rows); }, result, state);
  return result;
}

/// The same numbers as constants: what is computed from them sends no gradient to earlier times (truncated
/// backpropagation through time). What is undefined stays so.
template <class State>
State detach_state(const State& state) {
  State result;
  for_each_variable([](Variable& to, const Variable& from) { to = from.defined() ? from.detach() : from; }, result,
                    state);
  return result;
}

/// What a checkpoint keeps of a state: those of its Variables that are defined, by their position, "0", "1", …
template <class State>
StateDict save_state(const State& state) {
  StateDict saved;
  int position = 0;
  for_each_variable(
      [&](const Variable& part) {
        if (part.defined()) saved.emplace(std::to_string(position), part.value());
        ++position;
      },
      state);
  return saved;
}

/// Makes `state` what save_state() saved, as constants: nothing, or each of its Variables with this shape and dtype.
/// FormatError for anything else.
template <class State>
void restore_state(State& state, const StateDict& saved, const Shape& shape, DType dtype) {
  State result;
  int position = 0;
  std::size_t found = 0;
  for_each_variable(
      [&](Variable& part) {
        const auto at = saved.find(std::to_string(position++));
        if (at == saved.end() || !(at->second.shape() == shape) || at->second.dtype() != dtype) return;
        part = Variable(at->second);
        ++found;
      },
      result);
  if (found != saved.size() || (found != 0 && found != static_cast<std::size_t>(position)))
    throw FormatError("a recurrent state of " + std::to_string(saved.size()) + " parts, expected none or " +
                      std::to_string(position) + " of shape " + shape.str() + ", numbered from 0");
  state = std::move(result);
}

/// n states, whose Variables are [B, n], as one, whose Variables are [states, B, n]; at least one state.
template <class State>
State stack_states(const std::vector<State>& states) {
  std::vector<std::vector<Variable>> parts;  // of each Variable
  for (const State& state : states) {
    std::size_t i = 0;
    const auto collect = [&](const Variable& part) {
      if (i == parts.size()) parts.emplace_back();
      parts[i++].push_back(part);
    };
    for_each_variable(collect, state);
  }
  State result;
  std::size_t i = 0;
  for_each_variable([&](Variable& to) { to = stack(parts[i++], 0); }, result);
  return result;
}

/// State `index` of stack_states' result, with `missing`'s Variable where that of `states` is undefined.
template <class State>
State unstack_state(const State& states, std::int64_t index, const State& missing) {
  State result;
  for_each_variable([&](Variable& to, const Variable& from,
                        const Variable& other) { to = from.defined() ? select(from, 0, index) : other; },
                    result, states, missing);
  return result;
}

}  // namespace heed::nn
