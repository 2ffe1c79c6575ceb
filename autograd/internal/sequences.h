// What operations over whole sequences have in common (autograd/fused/{rnn,lstm,gru}): which examples still have a
// token at a time, in what order the times are read, and which state came before. Not part of the public interface.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "heed/autograd/fused/sequence_order.h"
#include "heed/autograd/variable.h"
#include "heed/tensor/internal/parallel.h"

namespace heed {

/// A batch of sequences [B, T, ..] whose rows (b, t) are numbered b·T + t.
class Sequences {
 public:
  Sequences() = default;

  /// ShapeError unless there is no length or one in [0, T] per example.
  Sequences(std::string_view operation, const SequenceOrder& order, std::int64_t batch, std::int64_t steps);

  std::int64_t steps() const { return steps_; }
  std::int64_t length(std::int64_t b) const {
    return lengths_.empty() ? steps_ : lengths_[static_cast<std::size_t>(b)];
  }

  /// The i-th time that is read.
  std::int64_t time(std::int64_t i) const { return reverse_ ? steps_ - 1 - i : i; }

  /// The row that was read before row (b, t); -1 when that is where example b begins.
  std::int64_t row_before(std::int64_t b, std::int64_t t) const {
    const std::int64_t before = reverse_ ? t + 1 : t - 1;
    return before < 0 || before >= length(b) ? -1 : b * steps_ + before;
  }
  /// On all threads, step(b, row) for each example that has a token at time t. `work` is how many numbers a row has.
  template <class Step>
  void each_example(std::int64_t t, std::int64_t work, Step&& step) const {
    parallel_chunks(batch_, 1 + 4096 / (work + 1), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t b = begin; b < end; ++b)
        if (t < length(b)) step(b, b * steps_ + t);
    });
  }

  /// Writes 0 to the rows of padding of `values` [B, T, ..], which is row-major.
  void clear_padding(Tensor& values) const;

  /// The states [B·T, H] that the rows began with: those of `states` [B, T, H], and `initial` [B, H] at the beginning;
  /// 0 for rows of padding.
  Tensor states_before(const Tensor& states, const Tensor& initial) const;

 private:
  std::vector<std::int64_t> lengths_ = {};
  bool reverse_ = false;
  std::int64_t batch_ = 0, steps_ = 0;
};

/// For definitions: a recurrence in primitive operations. `step(gates [B, G], states) -> states` is the cell, whose
/// first state is its output; states stand still beyond an example's length. The output [B, T, H], then the final
/// states.
std::vector<Variable> loop_over_time(
    std::string_view operation, const Variable& gates, std::vector<Variable> states, const SequenceOrder& order,
    const std::function<std::vector<Variable>(const Variable& gates, const std::vector<Variable>& states)>& step);

}  // namespace heed
