#include "bits/hashes.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <limits>

#include "heed/tensor/dtype.h"
#include "heed/tensor/ops/movement.h"

namespace heed::test {

void BitHash::add(std::uint64_t word) {
  for (int i = 0; i < 8; ++i, word >>= 8) hash_ = (hash_ ^ (word & 0xff)) * 0x100000001b3;
}

void BitHash::add(float number) {
  add(std::uint64_t{
      std::bit_cast<std::uint32_t>(std::isnan(number) ? std::numeric_limits<float>::quiet_NaN() : number)});
}

void BitHash::add(double number) {
  add(std::bit_cast<std::uint64_t>(std::isnan(number) ? std::numeric_limits<double>::quiet_NaN() : number));
}

void BitHash::add(const Tensor& x) {
  add(static_cast<std::uint64_t>(x.dtype()));
  for (const std::int64_t size : x.shape()) add(static_cast<std::uint64_t>(size));
  const Tensor dense = x.contiguous();
  dispatch(x.dtype(), [&]<class T> {
    const T* numbers = dense.data<T>();
    for (std::int64_t i = 0; i < dense.numel(); ++i) {
      if constexpr (std::is_floating_point_v<T>)
        add(numbers[i]);
      else
        add(static_cast<std::uint64_t>(numbers[i]));
    }
  });
}

std::string BitHash::str() const { return fmt::format("{:016x}", hash_); }

}  // namespace heed::test
