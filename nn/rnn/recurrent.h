// Recurrent<Cell>: layers and directions of one kind of cell over sequences of any lengths.
//
// A cell is a module with
//   static constexpr const char* name               for error messages
//   Config                                          with members input (I) and hidden (H)
//   State                                           one Variable or a struct of several (rnn/state.h)
//   initial_state(B) -> State                       what a sequence starts from when nothing is given
//   gates(x [.., I]) -> [.., G]                     what depends on the input alone: one product for all times
//   step(gates [B, G], state) -> State              the rest, time by time
//   output(state) -> [B, H]
//   sequence(gates [B, T, G], state, order)         if it has one: the loop over step as one operation (rnn/unroll.h)
// and, for those who write their own loop, forward(x [B, I], state) -> State, which is step(gates(x), state).
#pragma once

#include <string>
#include <vector>

#include "heed/nn/dropout.h"
#include "heed/nn/module.h"
#include "heed/nn/parameter_source.h"
#include "heed/nn/rnn/unroll.h"

namespace heed::nn {

namespace detail {
/// ShapeError unless layers >= 1, Error unless 0 <= dropout <= 1.
void check_layers(const char* cell, std::int64_t layers, double dropout);
/// ShapeError unless x is [B, T, input] and lengths, if there are any, one in [0, T] per example.
void check_sequences(const char* cell, const Variable& x, std::int64_t input, std::span<const std::int64_t> lengths);
/// ShapeError unless `given` is undefined or [cells, B, n] for a cell's own initial state [B, n].
void check_initial_state(const char* cell, const Variable& given, std::int64_t cells, const Variable& own);
}  // namespace detail

/// A stack of layers, batch first. Parameter names and layouts are those of PyTorch's recurrent layers, the cell's with
/// an ending: weight_ih_l0, …, weight_ih_l0_reverse, …; layers above the first have I = directions·H.
template <class Cell>
struct Recurrent {
  using State = typename Cell::State;

  struct Config {
    typename Cell::Config cell;  ///< of the first layer; those above differ in `input`
    std::int64_t layers = 1;
    bool bidirectional = false;
    double dropout = 0;  ///< of the output of each layer but the last, in training, where Input has a generator
  };
  struct Input {
    Variable x;                              ///< [B, T, I]
    std::vector<std::int64_t> lengths = {};  ///< of each example; empty: all T
    State initial_state = {};                ///< [layers·directions, B, H]; what is undefined starts as the cell says
    Generator* dropout = nullptr;            ///< draws what training drops; none: nothing is dropped
  };
  struct Output {
    Variable output;    ///< [B, T, directions·H] of the last layer, forward beside backward; 0 beyond the length
    State final_state;  ///< [layers·directions, B, H]; a backward direction ends at the first token
  };

  /// ShapeError unless `layers` and the cell's sizes are positive, Error unless 0 <= dropout <= 1.
  Recurrent(const Config& c, const ParameterSource& source) : config(c) {
    detail::check_layers(Cell::name, c.layers, c.dropout);
    typename Cell::Config cell = c.cell;
    for (std::int64_t layer = 0; layer < c.layers; ++layer) {
      for (std::int64_t direction = 0; direction < directions(); ++direction) cells.emplace_back(cell, source);
      cell.input = directions() * cell.hidden;
    }
  }

  /// T = 0 gives an output [B, 0, directions·H] and the initial state. ShapeError when x is not [B, T, I], lengths or
  /// initial state do not fit.
  Output forward(const Input& input) const {
    detail::check_sequences(Cell::name, input.x, config.cell.input, input.lengths);
    const State zero = cells[0].initial_state(input.x.size(0));
    const auto cell_count = static_cast<std::int64_t>(cells.size());
    const auto check = [&](const Variable& given, const Variable& own) {
      detail::check_initial_state(Cell::name, given, cell_count, own);
    };
    for_each_variable(check, input.initial_state, zero);

    Variable x = mask_padding(input.x, input.lengths);
    std::vector<State> final_states;
    for (std::int64_t i = 0; i < cell_count; i += directions()) {
      std::vector<Variable> sides;
      for (std::int64_t direction = 0; direction < directions(); ++direction) {
        State initial = unstack_state(input.initial_state, i + direction, zero);
        auto side = unroll(cells[to_size(i + direction)], x, std::move(initial), {input.lengths, direction == 1});
        sides.push_back(std::move(side.output));
        final_states.push_back(std::move(side.final_state));
      }
      x = sides.size() == 1 ? sides[0] : concat(sides, -1);  // [B, T, directions·H]
      if (training && input.dropout && i + directions() < cell_count) x = dropout(x, config.dropout, *input.dropout);
    }
    return {x, stack_states(final_states)};
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    const auto directions = to_size(self.directions());
    for (std::size_t i = 0; i < self.cells.size(); ++i) {
      const std::string ending = "_l" + std::to_string(i / directions) + (i % directions ? "_reverse" : "");
      Cell::visit(self.cells[i],
                  [&](std::string_view name, auto& member) { visitor(std::string(name) + ending, member); });
    }
  }

  std::int64_t directions() const { return config.bidirectional ? 2 : 1; }

  ModuleList<Cell> cells;  ///< layer by layer, forward before backward
  Config config;           ///< behind the parameters: an assignment that they refuse leaves it
  bool training = true;    ///< false: nothing is dropped (nn::set_training)
};

}  // namespace heed::nn
