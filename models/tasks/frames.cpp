#include "heed/models/tasks/frames.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"

namespace heed::models {
namespace {

void check(const FramesConfig& c, std::int64_t batch) {
  if (batch < 0 || c.symbols < 1 || c.length < 0 || c.shortest < 1 || c.longest < c.shortest)
    throw ShapeError(
        fmt::format("frames: {} rows of {} of {} symbols, {} to {} frames each, expected no negative "
                    "number of rows or length, a symbol or more, and 1 <= shortest <= longest",
                    batch, c.length, c.symbols, c.shortest, c.longest));
  if (!(c.noise >= 0 && std::isfinite(c.noise)))
    throw Error(fmt::format("frames: noise {}, expected a finite number >= 0", c.noise));
}

}  // namespace

FramesBatch make_frames(const FramesConfig& c, std::int64_t batch, Generator& generator) {
  check(c, batch);
  const std::int64_t durations = c.longest - c.shortest + 1;
  std::vector<std::int64_t> symbols, first, count;
  FramesBatch result;
  for (std::int64_t b = 0; b < batch; ++b) {
    std::int64_t frames = 0;
    for (std::int64_t u = 0; u < c.length; ++u) {
      symbols.push_back(generator.uniform_int(c.symbols));
      first.push_back(frames);
      count.push_back(c.shortest +
                      (c.durations_by_symbol ? symbols.back() % durations : generator.uniform_int(durations)));
      frames += count.back();
    }
    result.lengths.push_back(frames);
  }
  const std::int64_t longest = batch == 0 ? 0 : *std::ranges::max_element(result.lengths);
  result.frames = zeros({batch, longest, c.symbols}, c.dtype);
  dispatch_float("frames", c.dtype, [&]<class T> {
    T* const x = result.frames.mutable_data<T>();
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      T* frame = x + (static_cast<std::int64_t>(i) / c.length * longest + first[i]) * c.symbols;
      for (std::int64_t f = 0; f < count[i]; ++f, frame += c.symbols)
        for (std::int64_t k = 0; k < c.symbols; ++k)
          frame[k] = static_cast<T>((k == symbols[i] ? 1 : 0) + c.noise * generator.normal());
    }
  });
  result.symbols = tensor(symbols, {batch, c.length});
  result.first = tensor(first, {batch, c.length});
  result.count = tensor(count, {batch, c.length});
  return result;
}

}  // namespace heed::models
