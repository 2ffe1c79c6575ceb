#include "heed/nn/internal/position_angles.h"

#include <numbers>
#include <vector>

#include <fmt/format.h>

#include "heed/nn/internal/cosine.h"
#include "heed/nn/internal/power.h"
#include "heed/tensor/create.h"
#include "heed/tensor/internal/parallel.h"

namespace heed::nn {
namespace {

constexpr std::int64_t furthest = std::int64_t{1} << 31;

// base^(-2i/width)/π: how many half turns a step of one position is.
std::vector<double> half_turns(std::int64_t pairs, std::int64_t width, double base) {
  std::vector<double> result;
  for (std::int64_t i = 0; i < pairs; ++i)
    result.push_back(power(base, -2.0 * static_cast<double>(i) / static_cast<double>(width)) / std::numbers::pi);
  return result;
}

}  // namespace

PositionAngles position_angles(std::string_view operation, const Tensor& given, std::int64_t pairs, std::int64_t width,
                               double base, DType dtype) {
  if (given.dtype() != DType::i64) throw_dtype(fmt::format("{}: positions", operation), given.dtype(), "i64");
  const Tensor positions = given.contiguous();
  const std::int64_t* position = positions.data<std::int64_t>();
  for (std::int64_t t = 0; t < positions.numel(); ++t)
    if (position[t] < -furthest || position[t] > furthest)
      throw IndexError(fmt::format("{}: position {} is outside -2^31 to 2^31", operation, position[t]));
  Shape shape = positions.shape();
  shape.push_back(pairs);
  const std::vector<double> turns = half_turns(pairs, width, base);
  return dispatch_float(operation, dtype, [&]<class T> {
    PositionAngles angles{empty(shape, dtype, operation), empty(shape, dtype, operation)};
    T *sine = angles.sine.mutable_data<T>(), *cosine = angles.cosine.mutable_data<T>();
    parallel_chunks(positions.numel(), 1 + 512 / (pairs + 1), [&](std::int64_t t, std::int64_t end) {
      for (; t < end; ++t)
        for (std::int64_t i = 0; i < pairs; ++i) {
          const double angle = static_cast<double>(position[t]) * turns[to_size(i)];
          sine[t * pairs + i] = static_cast<T>(sin_pi(angle));
          cosine[t * pairs + i] = static_cast<T>(cos_pi(angle));
        }
    });
    return angles;
  });
}

}  // namespace heed::nn
