#include "heed/nn/data/token_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "heed/nn/internal/saved_values.h"
#include "heed/tensor/create.h"

namespace heed::nn {

TokenStream::TokenStream(std::vector<std::int64_t> tokens, std::int64_t batch, std::int64_t steps)
    : tokens_(std::make_shared<const std::vector<std::int64_t>>(std::move(tokens))),
      batch_(batch),
      steps_(steps),
      length_(0) {
  if (batch < 1 || steps < 1)
    throw ShapeError(fmt::format("TokenStream: batch {} and steps {} must be positive", batch, steps));
  const auto size = static_cast<std::int64_t>(tokens_->size());
  if (size / 2 < batch)
    throw ShapeError(fmt::format("TokenStream: {} tokens are too few for {} rows of 2", size, batch));
  length_ = (size - 1) / batch;  // the last input of the last row has a label too
}

TokenStream::Batch TokenStream::next() {
  const std::int64_t steps = std::min(steps_, length_ - at_);
  Batch result{empty({batch_, steps}, DType::i64), empty({batch_, steps}, DType::i64), at_ == 0};
  std::int64_t *inputs = result.inputs.mutable_data<std::int64_t>(),
               *labels = result.labels.mutable_data<std::int64_t>();
  for (std::int64_t b = 0; b < batch_; ++b) {
    const std::int64_t* row = tokens_->data() + b * length_ + at_;
    std::copy_n(row, steps, inputs + b * steps);
    std::copy_n(row + 1, steps, labels + b * steps);
  }
  at_ = at_ + steps < length_ ? at_ + steps : 0;
  return result;
}

std::int64_t TokenStream::batches() const { return 1 + (length_ - 1) / steps_; }

StateDict TokenStream::state_dict() const {
  return {{"position", saved_integer(at_)},
          {"tokens", saved_integer(static_cast<std::int64_t>(tokens_->size()))},
          {"batch", saved_integer(batch_)},
          {"steps", saved_integer(steps_)}};
}

void TokenStream::load_state_dict(const StateDict& state) {
  const SavedValues saved("TokenStream", state, {"position", "tokens", "batch", "steps"});
  saved.check_equal("tokens", static_cast<std::int64_t>(tokens_->size()));
  saved.check_equal("batch", batch_);
  saved.check_equal("steps", steps_);
  const std::int64_t at = saved.integer("position", 0, length_ - 1);
  if (at % steps_ != 0)
    throw FormatError(fmt::format("TokenStream: load_state_dict: position is {}, no multiple of {} steps", at, steps_));
  at_ = at;
}

}  // namespace heed::nn
