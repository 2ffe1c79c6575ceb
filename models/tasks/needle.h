// Task "needle": a sequence of vectors of noise, one of which is marked and carries a class. The class is to be told,
// so a model has to find one vector among many; a mean over all of them drowns it in noise.
#pragma once

#include <cstdint>

#include "heed/tensor/random/random.h"

namespace heed::models {

struct NeedleConfig {
  std::int64_t length = 20;
  std::int64_t classes = 8;  ///< equally likely: chance is 1/classes
  std::int64_t width = 16;   ///< at least 1 + classes
  double marker = 6;         ///< how far the marked vector stands out, in standard deviations of the noise
  double payload = 5;        ///< how far its class stands out
  DType dtype = DType::f32;
};

struct NeedleBatch {
  Tensor x;          ///< [B, length, width]
  Tensor labels;     ///< [B] i64: the class
  Tensor positions;  ///< [B] i64: where the marked vector is, all places equally likely
};

/// x = N(0, I) everywhere; x[b, positions[b], 0] += marker and x[b, positions[b], 1 + labels[b]] += payload. In a mean
/// over the sequence the class stands out by payload/√length standard deviations only. ShapeError unless batch >= 0,
/// length and classes are positive and width > classes; DTypeError unless the dtype is a float.
NeedleBatch make_needles(const NeedleConfig& config, std::int64_t batch, Generator& generator);

}  // namespace heed::models
