// A long text as batches for truncated backpropagation through time.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "heed/nn/state_dict.h"
#include "heed/tensor/tensor.h"

namespace heed::nn {

/// The text is cut into `batch` rows of equal length, which are read side by side, `steps` tokens at a time: row b of a
/// batch goes on where row b of the batch before it ended, so a model that carries its state reads `batch` long texts.
class TokenStream {
 public:
  struct Batch {
    Tensor inputs, labels;  ///< [B, T] i64; labels are the inputs one token later
    bool first = false;     ///< the rows begin anew: with this batch a carried state ends
  };

  /// What is left over at the end (fewer than `batch` tokens) is not read. ShapeError unless batch and steps are
  /// positive and there are 2·batch tokens or more.
  TokenStream(std::vector<std::int64_t> tokens, std::int64_t batch, std::int64_t steps);

  /// The next batch, T = steps, or fewer at the end of the rows; after the last one the first again.
  Batch next();

  std::int64_t batches() const;  ///< from the first to the last

  /// Where the stream stands, "position" (tokens of a row that have been inputs), and "tokens", "batch" and "steps" to
  /// know that they are the same again; 0-d i64 tensors.
  StateDict state_dict() const;
  /// Goes on with the batch that would have come next. FormatError, with nothing changed, for a position where no batch
  /// begins, and for other tokens (by their number), rows or steps.
  void load_state_dict(const StateDict& state);

 private:
  std::shared_ptr<const std::vector<std::int64_t>> tokens_;  // of all copies
  std::int64_t batch_, steps_, length_;                      // tokens of a row that are inputs
  std::int64_t at_ = 0;
};

}  // namespace heed::nn
