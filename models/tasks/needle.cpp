#include "heed/models/tasks/needle.h"

#include <fmt/format.h>

#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"

namespace heed::models {
namespace {

void check(const NeedleConfig& c, std::int64_t batch) {
  if (batch < 0 || c.length < 1 || c.classes < 1 || c.width <= c.classes)
    throw ShapeError(
        fmt::format("needle: {} sequences of length {}, {} classes, width {}, expected no negative number of "
                    "sequences, a positive length and number of classes, and a width above the number of classes",
                    batch, c.length, c.classes, c.width));
}

}  // namespace

NeedleBatch make_needles(const NeedleConfig& c, std::int64_t batch, Generator& generator) {
  check(c, batch);
  NeedleBatch result{normal(generator, {batch, c.length, c.width}, 0, 1, c.dtype), {}, {}};
  std::vector<std::int64_t> labels, positions;
  dispatch_float("needle", c.dtype, [&]<class T> {
    T* const x = result.x.mutable_data<T>();
    for (std::int64_t b = 0; b < batch; ++b) {
      const std::int64_t label = generator.uniform_int(c.classes), position = generator.uniform_int(c.length);
      T* const needle = x + (b * c.length + position) * c.width;
      needle[0] += static_cast<T>(c.marker);
      needle[1 + label] += static_cast<T>(c.payload);
      labels.push_back(label);
      positions.push_back(position);
    }
  });
  result.labels = tensor(labels, {batch});
  result.positions = tensor(positions, {batch});
  return result;
}

}  // namespace heed::models
