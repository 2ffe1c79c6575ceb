#include "heed/nn/data/token_windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"

namespace heed::nn {

TokenWindows::TokenWindows(std::vector<std::int64_t> tokens, std::int64_t length)
    : tokens_(std::make_shared<const std::vector<std::int64_t>>(std::move(tokens))), length_(length) {
  if (length < 1) throw ShapeError(fmt::format("TokenWindows: length {} must be positive", length));
  if (std::ssize(*tokens_) <= length)
    throw ShapeError(fmt::format("TokenWindows: {} tokens are too few for a window of {} and the label after it",
                                 tokens_->size(), length));
}

TokenWindows::Batch TokenWindows::draw(std::int64_t batch, Generator& generator) const {
  if (batch < 1) throw ShapeError(fmt::format("TokenWindows: batch {} must be positive", batch));
  Batch result{empty({batch, length_}, DType::i64, "TokenWindows"),
               empty({batch, length_}, DType::i64, "TokenWindows")};
  std::int64_t *inputs = result.inputs.mutable_data<std::int64_t>(),
               *labels = result.labels.mutable_data<std::int64_t>();
  for (std::int64_t b = 0; b < batch; ++b) {
    const std::int64_t* window = tokens_->data() + generator.uniform_int(windows());
    std::copy_n(window, length_, inputs + b * length_);
    std::copy_n(window + 1, length_, labels + b * length_);
  }
  return result;
}

std::int64_t TokenWindows::windows() const { return std::ssize(*tokens_) - length_; }

}  // namespace heed::nn
