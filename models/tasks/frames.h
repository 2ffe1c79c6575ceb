// Task "frames": symbols and the frames that they sound for. From frames to symbols it is speech recognition, monotonic
// and with a length that is not known before; from symbols to frames it is speech synthesis.
#pragma once

#include <cstdint>
#include <vector>

#include "heed/tensor/random/random.h"

namespace heed::models {

struct FramesConfig {
  std::int64_t symbols = 8;          ///< different ones, equally likely and independent
  std::int64_t length = 8;           ///< U symbols in a row; the same one may follow itself
  std::int64_t shortest = 2;         ///< frames of one symbol
  std::int64_t longest = 5;          ///< all numbers of frames from `shortest` on are equally likely, or
  bool durations_by_symbol = false;  ///< symbol s always has shortest + s mod (longest - shortest + 1)
  double noise = 0.3;                ///< standard deviation, in each element of each frame
  DType dtype = DType::f32;
};

/// For speech synthesis: what is to be written has no noise and a length that the symbols tell.
inline constexpr FramesConfig tones{.durations_by_symbol = true, .noise = 0};

struct FramesBatch {
  Tensor frames;                      ///< [B, S, symbols]: one-hot + noise, 0 behind each length
  std::vector<std::int64_t> lengths;  ///< frames of each example
  Tensor symbols;                     ///< [B, U] i64
  Tensor first, count;                ///< [B, U] i64: symbol u sounds in frames first … first + count - 1
};

/// The largest element of one frame tells its symbol in 94 of 100 (noise 0.3), the mean of its frames in all but a few
/// of 1,000. Who reads one frame for symbol u of 5 at the speed of the whole hears the right symbol in 87 of 100 in the
/// middle of its share, ⌊(u + ½)·S/U⌋, and in 64 at its beginning, ⌊u·S/U⌋. ShapeError unless symbols >= 1, length >=
/// 0, 1 <= shortest <= longest and batch >= 0; Error for noise that is negative or not finite; DTypeError unless the
/// dtype is a float.
FramesBatch make_frames(const FramesConfig& config, std::int64_t batch, Generator& generator);

}  // namespace heed::models
