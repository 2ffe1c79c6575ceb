// Random numbers: a counter-based generator (Philox 4x32-10; Salmon et al., "Parallel random numbers: as easy as 1, 2,
// 3", SC 2011). Draw number i of (seed, stream) is a pure function of the three, so neither threads nor the standard
// library's version change it, and a generator is saved by saving three integers.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "heed/tensor/tensor.h"

namespace heed {

/// The bijection itself: four words of counter, two of key.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

class Generator {
 public:
  explicit Generator(std::uint64_t seed, std::uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  std::uint64_t seed() const { return seed_; }
  std::uint64_t stream() const { return stream_; }
  std::uint64_t counter() const { return counter_; }  ///< 64-bit draws made so far
  void set_counter(std::uint64_t counter) { counter_ = counter; }

  /// The next 64 random bits.
  std::uint64_t bits();
  /// Uniform in [0, 1), 53 bits.
  double uniform();
  /// Uniform in [0, n) without bias; IndexError unless n > 0.
  std::int64_t uniform_int(std::int64_t n);
  /// Standard normal: the inverse distribution function of one uniform draw (Wichura 1988, AS 241), in double.
  double normal();

  /// A generator whose draws are independent of this one's: same seed, stream chosen by `index`.
  Generator split(std::uint64_t index) const;

 private:
  std::uint64_t seed_, stream_, counter_ = 0;
};

/// One draw per element, in row-major order whatever the number of threads. DTypeError unless the dtype is a float.
Tensor uniform(Generator& generator, const Shape& shape, double low = 0, double high = 1, DType dtype = DType::f32);
Tensor normal(Generator& generator, const Shape& shape, double mean = 0, double stddev = 1, DType dtype = DType::f32);

/// N(mean, stddev²) restricted to [low, high], by the inverse distribution function (torch.nn.init.trunc_normal_).
/// Error unless stddev is positive and finite and low < high, which may be infinite.
Tensor truncated_normal(Generator& generator, const Shape& shape, double mean = 0, double stddev = 1, double low = -2,
                        double high = 2, DType dtype = DType::f32);

/// 0 … n - 1 in random order (Fisher-Yates).
std::vector<std::int64_t> permutation(Generator& generator, std::int64_t n);

}  // namespace heed
