// Names as a language model reads them: which ones it learns from, and batches of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "heed/nn/data/epoch_order.h"
#include "heed/tensor/random/random.h"
#include "heed/tensor/tensor.h"

namespace heed::examples {

/// One name a line; blank lines are skipped. Errors as nn::read_lines(); FormatError too for a name of more than 200
/// characters and for fewer than 10 names.
std::vector<std::string> read_names(const std::string& path);

struct NameSplit {
  std::vector<std::string> train, dev, test;
};

/// makemore's convention: all names, repeated ones too, are shuffled; the first 80 % are for training, the next 10 %
/// dev and the last 10 % test. The same for every seed of a program.
NameSplit split_names(std::vector<std::string> names);

using NameIds = std::vector<std::int64_t>;

struct NameBatch {
  Tensor ids;      ///< [B, padding + T] i64: end symbols, a name, its end symbol; anything behind it
  Tensor labels;   ///< [B, T]: ids without the padding
  Tensor weights;  ///< [B, T] f32: 1 for the characters and the end of a name, 0 behind it
  double symbols;  ///< the sum of the weights

  /// [B, padding + T - 1]: the ids that a model reads to predict the labels.
  Tensor inputs() const;
};

NameBatch make_name_batch(const std::vector<NameIds>& names, const std::vector<std::int64_t>& rows, std::int64_t end,
                          std::int64_t padding);

/// Batches of names of about the same length, epoch after epoch.
class NameBatches {
 public:
  NameBatches(std::vector<NameIds> names, std::int64_t batch, std::int64_t end, std::int64_t padding,
              Generator generator);
  NameBatch next() { return make_name_batch(names_, order_.next(), end_, padding_); }

  nn::EpochOrder& order() { return order_; }

 private:
  std::vector<NameIds> names_;
  std::int64_t end_, padding_;
  nn::EpochOrder order_;
};

}  // namespace heed::examples
