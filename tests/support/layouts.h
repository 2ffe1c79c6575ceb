// The same numbers in other places: a tensor as a transposed copy, a slice of something larger, or read backwards.
#pragma once

#include <array>
#include <random>

#include "heed/tensor/tensor.h"

namespace heed::test {

/// transposed: axes stored in the opposite order; sliced: every second number of a larger block, from an offset on;
/// reversed: negative strides along every axis.
enum class Layout { dense, transposed, sliced, reversed };
inline constexpr std::array<Layout, 4> all_layouts = {Layout::dense, Layout::transposed, Layout::sliced,
                                                      Layout::reversed};

/// x's numbers in a storage of their own with this layout. What stands between them is NaN (integers: a number far
/// outside any index range), so that reading beside the view shows.
Tensor laid_out(const Tensor& x, Layout layout);

/// Random numbers for samples: multiples of 2^-22, which f32 holds exactly.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : engine_(seed) {}

  double next(double low, double high);  ///< the interval must lie within [-4, 4]
  std::int64_t uniform_int(std::int64_t n);
  Tensor uniform(const Shape& shape, double low = -2, double high = 2);
  Tensor away_from_zero(const Shape& shape);            ///< 0.5 <= |x| < 2
  Tensor spaced(const Shape& shape, double shift = 0);  ///< any two 0.25 apart, or equal to shift modulo 0.25
  Tensor mask(const Shape& shape, double density = 0.6);
  Tensor index(const Shape& shape, std::int64_t size);  ///< in [-size, size)

 private:
  std::mt19937_64 engine_;
};

}  // namespace heed::test
