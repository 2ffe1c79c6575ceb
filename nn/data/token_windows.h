// Windows of a long text, drawn at random: for models that carry no state from one batch to the next.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "heed/tensor/random/random.h"
#include "heed/tensor/tensor.h"

namespace heed::nn {

/// Each window begins anywhere in the text with the same probability, whatever was drawn before. A training in order of
/// the text (TokenStream) would cut it at the same places in every epoch, and a token behind a cut would always lack
/// what stands before it.
class TokenWindows {
 public:
  struct Batch {
    Tensor inputs, labels;  ///< [B, T] i64; labels are the inputs one token later
  };

  /// ShapeError unless length is positive and there are length + 1 tokens or more.
  TokenWindows(std::vector<std::int64_t> tokens, std::int64_t length);

  /// `batch` windows, T = length; one draw for each. ShapeError unless batch is positive.
  Batch draw(std::int64_t batch, Generator& generator) const;

  std::int64_t windows() const;  ///< how many there are to draw from

 private:
  std::shared_ptr<const std::vector<std::int64_t>> tokens_;  // of all copies
  std::int64_t length_;
};

}  // namespace heed::nn
