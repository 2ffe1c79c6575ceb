#include "heed/tensor/kernels/philox.h"

#include <algorithm>

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/philox.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The lower half of every lane times `factor`, whatever the upper half holds.
template <class V>
V HalfProduct(V lanes, std::uint32_t factor) {
#if HWY_TARGET == HWY_SCALAR
  return V((lanes.raw & 0xFFFFFFFF) * factor);
#else
  const hn::Repartition<std::uint32_t, hn::DFromV<V>> words;
  return hn::MulEven(hn::BitCast(words, lanes), hn::Set(words, factor));
#endif
}

// One counter per 64-bit lane, each of its four words in the lower half of a lane. The upper halves hold leftovers,
// which no product sees and which are cut off at the end.
void PhiloxDraws(std::uint64_t key, std::uint64_t stream, std::uint64_t position, std::uint64_t* out, std::size_t n) {
  const hn::ScalableTag<std::uint64_t> d64;
  const std::size_t lanes = hn::Lanes(d64);
  auto at = hn::Iota(d64, position);
  for (std::size_t i = 0; i < n; i += lanes, at = hn::Add(at, hn::Set(d64, lanes))) {
    auto a = at, b = hn::ShiftRight<32>(at);
    auto c = hn::Set(d64, stream), d = hn::Set(d64, stream >> 32);
    auto key_a = static_cast<std::uint32_t>(key), key_c = static_cast<std::uint32_t>(key >> 32);
    for (int round = 0; round < 10; ++round) {
      const auto from_a = HalfProduct(a, 0xD2511F53), from_c = HalfProduct(c, 0xCD9E8D57);
      a = hn::Xor(hn::ShiftRight<32>(from_c), hn::Xor(b, hn::Set(d64, key_a)));
      c = hn::Xor(hn::ShiftRight<32>(from_a), hn::Xor(d, hn::Set(d64, key_c)));
      b = from_c;
      d = from_a;
      key_a += 0x9E3779B9;
      key_c += 0xBB67AE85;
    }
    const auto draws = hn::Or(hn::And(a, hn::Set(d64, 0xFFFFFFFF)), hn::ShiftLeft<32>(b));
    if (i + lanes <= n) {
      hn::StoreU(draws, d64, out + i);
    } else {
      HWY_ALIGN std::uint64_t last[HWY_MAX_BYTES / 8];
      hn::Store(draws, d64, last);
      std::copy(last, last + (n - i), out + i);
    }
  }
}

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(PhiloxDraws);

void philox_draws(std::uint64_t key, std::uint64_t stream, std::uint64_t position, std::uint64_t* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(PhiloxDraws)(key, stream, position, out, n);
}

}  // namespace heed::kernels
#endif
