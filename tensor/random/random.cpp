#include "heed/tensor/random/random.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "heed/tensor/create.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/kernels/philox.h"
#include "heed/tensor/random/normal_quantile.h"

namespace heed {
namespace {

constexpr std::int64_t grain = 4096;  // elements; about 50 microseconds of drawing

constexpr std::uint32_t low_word(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
constexpr std::uint32_t high_word(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); }

// One draw: of the four words Philox makes of the counter (position, stream) under `key`, the first two, the first one
// as the lower half. The other two are not used.
std::uint64_t draw(std::uint64_t key, std::uint64_t stream, std::uint64_t position) {
  const auto words = philox({low_word(position), high_word(position), low_word(stream), high_word(stream)},
                            {low_word(key), high_word(key)});
  return words[0] | static_cast<std::uint64_t>(words[1]) << 32;
}

// The upper 53 bits over 2^53.
double to_uniform(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

// The upper 52 bits k as the probability (k + ½)/2^52: exact in a double, never 0 or 1, and symmetric about ½.
double to_normal(std::uint64_t bits) { return normal_quantile((static_cast<double>(bits >> 12) + 0.5) * 0x1p-52); }

// The probability of staying below z: the least p with normal_quantile(p) >= z, found by halving what is left of the
// positive doubles, which are in the order of their bits.
double normal_probability(double z) {
  auto low = std::bit_cast<std::uint64_t>(0x1p-1022), high = std::bit_cast<std::uint64_t>(1 - 0x1p-53);
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (normal_quantile(std::bit_cast<double>(middle)) < z)
      low = middle + 1;
    else
      high = middle;
  }
  return std::bit_cast<double>(low);
}

// A tensor whose element i is value(bits of draw counter + i).
template <class T, class Value>
Tensor drawn(std::string_view name, Generator& generator, const Shape& shape, Value&& value) {
  Tensor y = empty(shape, dtype_of<T>(), name);
  T* numbers = y.mutable_data<T>();
  const std::uint64_t first = generator.counter();
  parallel_chunks(y.numel(), grain, [&](std::int64_t begin, std::int64_t end) {
    std::array<std::uint64_t, 256> bits;
    while (begin < end) {
      const auto n = std::min(bits.size(), static_cast<std::size_t>(end - begin));
      kernels::philox_draws(generator.seed(), generator.stream(), first + static_cast<std::uint64_t>(begin),
                            bits.data(), n);
      for (std::size_t i = 0; i < n; ++i) numbers[begin++] = value(bits[i]);
    }
  });
  generator.set_counter(first + static_cast<std::uint64_t>(y.numel()));
  return y;
}

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0], b = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {high_word(b) ^ counter[1] ^ key[0], low_word(b), high_word(a) ^ counter[3] ^ key[1], low_word(a)};
    key = {key[0] + 0x9E3779B9, key[1] + 0xBB67AE85};
  }
  return counter;
}

std::uint64_t Generator::bits() { return draw(seed_, stream_, counter_++); }
double Generator::uniform() { return to_uniform(bits()); }
double Generator::normal() { return to_normal(bits()); }

std::int64_t Generator::uniform_int(std::int64_t n) {
  if (n <= 0) throw IndexError(fmt::format("uniform_int: n is {}, must be positive", n));
  const auto range = static_cast<std::uint64_t>(n);
  // 2^64 mod n draws too many: without the lowest ones every remainder is met equally often. A refused draw is followed
  // by another, which happens with probability below n/2^64.
  const std::uint64_t refused = (0 - range) % range;
  std::uint64_t x = bits();
  while (x < refused) x = bits();
  return static_cast<std::int64_t>(x % range);
}

Generator Generator::split(std::uint64_t index) const {
  // Under the complemented key, so that a stream's name is never one of the numbers drawn.
  return Generator(seed_, draw(~seed_, stream_, index));
}

Tensor uniform(Generator& generator, const Shape& shape, double low, double high, DType dtype) {
  const double width = high - low;
  if (!(width >= 0) || !std::isfinite(width))
    throw IndexError(fmt::format("uniform: no finite interval from {} to {}", low, high));
  return dispatch_float("uniform", dtype, [&]<class T> {
    // Rounding may reach `high`, which is not in the interval: the number before it is.
    const T end = static_cast<T>(high), last = std::nextafter(end, static_cast<T>(low));
    return drawn<T>("uniform", generator, shape, [=](std::uint64_t bits) {
      const T x = static_cast<T>(low + width * to_uniform(bits));
      return x < end ? x : last;
    });
  });
}

Tensor normal(Generator& generator, const Shape& shape, double mean, double stddev, DType dtype) {
  return dispatch_float("normal", dtype, [&]<class T> {
    return drawn<T>("normal", generator, shape,
                    [=](std::uint64_t bits) { return static_cast<T>(mean + stddev * to_normal(bits)); });
  });
}

Tensor truncated_normal(Generator& generator, const Shape& shape, double mean, double stddev, double low, double high,
                        DType dtype) {
  if (!(stddev > 0) || !std::isfinite(stddev) || !std::isfinite(mean) || !(low < high))
    throw Error(fmt::format("truncated_normal: mean {}, stddev {}, from {} to {}", mean, stddev, low, high));
  // Above the mean from the other side: a probability near 1 has few digits left for a tail.
  const double side = low > mean ? -1 : 1;
  const double bounds[] = {(low - mean) / stddev, (high - mean) / stddev};
  const double first = normal_probability(side < 0 ? -bounds[1] : bounds[0]),
               last = normal_probability(side < 0 ? -bounds[0] : bounds[1]);
  return dispatch_float("truncated_normal", dtype, [&]<class T> {
    // Rounding may pass a bound.
    T least = static_cast<T>(low), most = static_cast<T>(high);
    if (static_cast<double>(least) < low) least = std::nextafter(least, most);
    if (static_cast<double>(most) > high) most = std::nextafter(most, least);
    return drawn<T>("truncated_normal", generator, shape, [=](std::uint64_t bits) {
      const double p = first + (last - first) * ((static_cast<double>(bits >> 12) + 0.5) * 0x1p-52);
      return std::max(least, std::min(most, static_cast<T>(mean + stddev * (side * normal_quantile(p)))));
    });
  });
}

std::vector<std::int64_t> permutation(Generator& generator, std::int64_t n) {
  if (n < 0) throw ShapeError(fmt::format("permutation: size is {}, must not be negative", n));
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  for (std::int64_t i = n - 1; i > 0; --i)
    std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(generator.uniform_int(i + 1))]);
  return order;
}

}  // namespace heed
