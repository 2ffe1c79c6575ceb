// EpochOrder: which examples a batch holds, epoch after epoch, and where the run stands in them.
//
//   EpochOrder order(examples, 64, Generator(seed));
//   while (order.epoch() < 10) train(gather(data, order.next()));
#pragma once

#include <cstdint>
#include <vector>

#include "heed/nn/data/batches.h"
#include "heed/nn/state_dict.h"
#include "heed/tensor/random/random.h"

namespace heed::nn {

class EpochOrder {
 public:
  using Batch = std::vector<std::int64_t>;  ///< indices of examples

  /// Every epoch has each of `examples` once, shuffled, `batch_size` at a time; the last batch may be smaller.
  /// IndexError unless both are positive.
  EpochOrder(std::int64_t examples, std::int64_t batch_size, Generator generator);

  /// The same with examples of about the same length in a batch: the batches of bucket_batches().
  EpochOrder(std::vector<PairLength> lengths, std::int64_t batch_size, Generator generator);

  /// The next batch; behind the last one of an epoch the first of the next, which is drawn anew.
  Batch next();

  std::int64_t epoch() const { return epoch_; }        ///< epochs that are complete: the next batch's, from 0
  std::int64_t position() const { return position_; }  ///< batches that this epoch has given so far
  std::int64_t batches() const;                        ///< of one epoch

  /// Where the run stands: "epoch", "position", "counter" (the generator's at the beginning of the epoch), "seed" and
  /// "stream", and "examples" and "batch_size" to know that they are the same again; 0-d i64 tensors.
  StateDict state_dict() const;
  /// Goes on where state_dict() was taken: the rest of that epoch has the same batches, and so have all epochs behind
  /// it; the generator is the saved one. FormatError, with nothing changed, for values that no run has saved, and for
  /// another number of examples or batch size.
  void load_state_dict(const StateDict& state);

 private:
  void check() const;
  std::vector<Batch> draw(Generator& generator) const;

  std::vector<PairLength> lengths_;  // empty: examples are shuffled only
  std::int64_t examples_, batch_size_;
  Generator generator_;
  std::uint64_t counter_;     // of generator_ at the beginning of the epoch
  std::vector<Batch> drawn_;  // the epoch's batches; none while position_ is 0
  std::int64_t epoch_ = 0, position_ = 0;
};

}  // namespace heed::nn
