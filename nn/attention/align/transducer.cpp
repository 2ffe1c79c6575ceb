#include "heed/nn/attention/align/transducer.h"

#include <vector>

#include <fmt/format.h>

#include "heed/autograd/ops/activation.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/index.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/mask.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"

namespace heed::nn {
namespace {

using Lengths = std::vector<std::int64_t>;

constexpr double impossible = -1e30;  // the logarithm of 0, in numbers whose differences are numbers

// ln(e^a + e^b).
Variable log_add(const Variable& a, const Variable& b) { return maximum(a, b) + softplus(-abs(a - b)); }

Variable impossible_like(const Variable& x, const Shape& shape) { return Variable(full(shape, impossible, x.dtype())); }

// x [B, R, S] -> [B, R, S + R - 1] with row u moved u places to the right, so that a column holds one diagonal t + u.
Variable skewed(const Variable& x) {
  const std::int64_t batch = x.size(0), rows = x.size(1), width = x.size(2);
  const Variable padded = concat({x, impossible_like(x, {batch, rows, rows})}, 2);  // [B, R, S + R]
  const Variable flat = reshape(padded, {batch, rows * (width + rows)});
  return reshape(slice(flat, 1, 0, rows * (width + rows - 1)), {batch, rows, width + rows - 1});
}

// x [B, U] -> [B, U + 1] with nothing possible before it.
Variable moved_down(const Variable& x) { return concat({impossible_like(x, {x.size(0), 1}), x}, 1); }

Lengths all_or(std::span<const std::int64_t> lengths, std::int64_t batch, std::int64_t size, std::int64_t least,
               const char* name) {
  if (lengths.empty()) return Lengths(to_size(batch), size);
  if (static_cast<std::int64_t>(lengths.size()) != batch)
    throw ShapeError(fmt::format("transducer: {} {}, expected {}", lengths.size(), name, batch));
  for (std::int64_t length : lengths)
    if (length < least || length > size)
      throw ShapeError(fmt::format("transducer: {} has {}, expected {} to {}", name, length, least, size));
  return {lengths.begin(), lengths.end()};
}

struct Lattice {
  Variable blank;  // [B, U + 1, S]
  Variable label;  // [B, U, S]
};

// The logarithms that paths are made of, those beyond the lengths impossible.
Lattice lattice_of(const Variable& log_probabilities, const Tensor& targets, std::int64_t blank, const Tensor& real) {
  const std::int64_t rows = log_probabilities.size(2), batch = log_probabilities.size(0),
                     steps = log_probabilities.size(1);
  const auto possible = [&](const Variable& x, const Tensor& mask) {
    return maximum(where(mask, x, impossible), impossible);
  };
  const Variable blanks = possible(select(log_probabilities, 3, blank), real);  // [B, S, U + 1]
  const Tensor index = expand(reshape(targets, {batch, 1, rows - 1, 1}), {batch, steps, rows - 1, 1});
  const Variable before_last = slice(log_probabilities, 2, 0, rows - 1);
  const Variable labels = possible(squeeze(gather(before_last, 3, index), 3), slice(real, 2, 1, to_end));
  return {transpose(blanks, 1, 2), transpose(labels, 1, 2)};
}

}  // namespace

Variable transducer_log_likelihood(const Variable& log_probabilities, const Tensor& targets, std::int64_t blank,
                                   std::span<const std::int64_t> source_lengths,
                                   std::span<const std::int64_t> target_lengths) {
  const Sizes size = check_shapes(
      "transducer", {{"log_probabilities", log_probabilities.value(), "B S R V"}, {"targets", targets, "B U"}});
  const std::int64_t batch = size['B'], steps = size['S'], rows = size['R'], labels = size['U'];
  if (rows != labels + 1 || steps == 0)
    throw ShapeError(
        fmt::format("transducer: log_probabilities {}, targets {}: expected [B, S, U + 1, V], [B, U], S > 0",
                    log_probabilities.shape().str(), targets.shape().str()));
  if (blank < 0 || blank >= size['V'])
    throw IndexError(fmt::format("transducer: blank is {}, of {} classes", blank, size['V']));
  const Lengths sources = all_or(source_lengths, batch, steps, 1, "source_lengths");
  const Lengths lengths = all_or(target_lengths, batch, labels, 0, "target_lengths");
  Lengths rows_of_each = lengths;
  for (std::int64_t& length : rows_of_each) ++length;
  const Tensor real = logical_and(transpose(length_mask(sources, steps), 1, 2), length_mask(rows_of_each, rows));
  const Lattice lattice = lattice_of(log_probabilities, targets, blank, real);
  const Variable blanks = skewed(lattice.blank),
                 moves = skewed(
                     concat({lattice.label, impossible_like(lattice.label, {batch, 1, steps})}, 1));  // [B, R, S + U]

  const Tensor start =
      concat({zeros({batch, 1}, blanks.dtype()), full({batch, labels}, impossible, blanks.dtype())}, 1);
  Variable alpha(start);  // [B, R], of one diagonal t + u = n
  std::vector<Variable> ends;
  for (std::int64_t n = 0; n < steps + labels; ++n) {
    ends.push_back(alpha + select(blanks, 2, n));
    const Variable by_label = slice(alpha + select(moves, 2, n), 1, 0, labels);
    alpha = log_add(ends.back(), moved_down(by_label));
  }
  Lengths last(to_size(batch));
  for (std::size_t b = 0; b < last.size(); ++b) last[b] = (sources[b] - 1 + lengths[b]) * rows + lengths[b];
  const Variable table = reshape(stack(ends, 1), {batch, (steps + labels) * rows});
  const Variable found = squeeze(gather(table, 1, tensor(last, {batch, 1})), 1);
  return where(found.value() > impossible / 2, found, -std::numeric_limits<double>::infinity());
}

}  // namespace heed::nn
