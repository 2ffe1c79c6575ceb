// Source sentences for a model that translates.
#pragma once

#include <cstdint>
#include <vector>

#include "heed/tensor/tensor.h"

namespace heed::models {

/// A batch of source sentences: ids [B, S] i64, padded anyhow behind each length; one length in [0, S] per sentence.
struct SourceBatch {
  Tensor ids;
  std::vector<std::int64_t> lengths;
};

}  // namespace heed::models
