#include "heed/nn/rnn/recurrent.h"

#include <fmt/format.h>

#include "heed/nn/internal/check_sizes.h"
#include "heed/tensor/check_shapes.h"

namespace heed::nn::detail {

void check_layers(const char* cell, std::int64_t layers, double dropout) {
  check_sizes(cell, {{"layers", layers}});
  check_probability(cell, dropout);
}

void check_sequences(const char* cell, const Variable& x, std::int64_t input, std::span<const std::int64_t> lengths) {
  const Sizes size = check_shapes(cell, {{"x", x.value(), "B T I"}});
  if (size['I'] != input)
    throw ShapeError(fmt::format("{}: x is {}, expected [B, T, {}]", cell, x.shape().str(), input));
  if (!lengths.empty()) check_lengths(cell, lengths, size['B'], size['T']);
}

void check_initial_state(const char* cell, const Variable& given, std::int64_t cells, const Variable& own) {
  Shape expected = own.shape();
  expected.insert(0, cells);
  if (given.defined() && !(given.shape() == expected))
    throw ShapeError(fmt::format("{}: initial state is {}, expected {}", cell, given.shape().str(), expected.str()));
}

}  // namespace heed::nn::detail
