#include "heed/nn/data/epoch_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "heed/nn/internal/saved_values.h"
#include "heed/tensor/error.h"

namespace heed::nn {

EpochOrder::EpochOrder(std::int64_t examples, std::int64_t batch_size, Generator generator)
    : examples_(examples), batch_size_(batch_size), generator_(generator), counter_(generator.counter()) {
  check();
}

EpochOrder::EpochOrder(std::vector<PairLength> lengths, std::int64_t batch_size, Generator generator)
    : lengths_(std::move(lengths)),
      examples_(static_cast<std::int64_t>(lengths_.size())),
      batch_size_(batch_size),
      generator_(generator),
      counter_(generator.counter()) {
  check();
}

void EpochOrder::check() const {
  if (examples_ < 1 || batch_size_ < 1)
    throw IndexError(
        fmt::format("EpochOrder: {} examples in batches of {}, expected both to be positive", examples_, batch_size_));
}

std::int64_t EpochOrder::batches() const { return 1 + (examples_ - 1) / batch_size_; }

std::vector<EpochOrder::Batch> EpochOrder::draw(Generator& generator) const {
  if (!lengths_.empty()) return bucket_batches(lengths_, batch_size_, generator);
  const Batch order = permutation(generator, examples_);
  std::vector<Batch> result;
  for (std::int64_t begin = 0; begin < examples_;) {
    const std::int64_t end = begin + std::min(batch_size_, examples_ - begin);
    result.emplace_back(order.begin() + begin, order.begin() + end);
    begin = end;
  }
  return result;
}

EpochOrder::Batch EpochOrder::next() {
  if (position_ == 0) {
    Generator generator = generator_;
    drawn_ = draw(generator);
    generator_ = generator;
  }
  Batch batch = std::move(drawn_[to_size(position_)]);
  if (++position_ == batches()) {
    ++epoch_;
    position_ = 0;
    counter_ = generator_.counter();
    drawn_.clear();
  }
  return batch;
}

StateDict EpochOrder::state_dict() const {
  return {{"epoch", saved_integer(epoch_)},
          {"position", saved_integer(position_)},
          {"counter", saved_integer(std::bit_cast<std::int64_t>(counter_))},
          {"seed", saved_integer(std::bit_cast<std::int64_t>(generator_.seed()))},
          {"stream", saved_integer(std::bit_cast<std::int64_t>(generator_.stream()))},
          {"examples", saved_integer(examples_)},
          {"batch_size", saved_integer(batch_size_)}};
}

void EpochOrder::load_state_dict(const StateDict& state) {
  const SavedValues saved("EpochOrder", state,
                          {"epoch", "position", "counter", "seed", "stream", "examples", "batch_size"});
  saved.check_equal("examples", examples_);
  saved.check_equal("batch_size", batch_size_);
  // Seeds and streams may have any 64 bits; nobody lives to see as many epochs or draws as these limits.
  const auto bits = [&](std::string_view name) {
    return std::bit_cast<std::uint64_t>(saved.integer(name, std::numeric_limits<std::int64_t>::min()));
  };
  const std::int64_t epoch = saved.integer("epoch", 0, std::numeric_limits<std::int64_t>::max() - 1);
  const std::int64_t position = saved.integer("position", 0, batches() - 1), counter = saved.integer("counter", 0);
  const std::uint64_t seed = bits("seed"), stream = bits("stream");
  Generator generator(seed, stream);
  generator.set_counter(static_cast<std::uint64_t>(counter));
  drawn_ = position > 0 ? draw(generator) : std::vector<Batch>{};
  generator_ = generator;
  counter_ = static_cast<std::uint64_t>(counter);
  epoch_ = epoch;
  position_ = position;
}

}  // namespace heed::nn
