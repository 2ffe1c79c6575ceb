// Packing: a panel of one operand of a matrix product is copied to where its numbers stand in the order in which they
// are multiplied.
//
// Each kernel file includes this once per instruction set, after <hwy/foreach_target.h>; hence no include guard.
#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
using namespace hwy::HWY_NAMESPACE;

/// Numbers x[i·across + p·along] for i < width, p < k.
template <class T>
struct Panel {
  const T* x;
  std::ptrdiff_t across, along;
  std::size_t width, k;
};

/// x[0 … lanes) of each of `lanes` rows of a 128 bit block, `across` apart, or of two blocks of such rows beside each
/// other: transposed into to[p·pitch + i].
template <class T, class D>
HWY_INLINE void transpose_block(D d, const T* x, std::ptrdiff_t across, T* to, std::ptrdiff_t pitch) {
  constexpr std::size_t block = 16 / sizeof(T);
  const auto row = [&](std::ptrdiff_t i) HWY_ATTR {
    if constexpr (MaxLanes(D()) == block) {
      return LoadU(d, x + i * across);
    } else {
      const Half<D> half;
      return Combine(d, LoadU(half, x + (i + static_cast<std::ptrdiff_t>(block)) * across),
                     LoadU(half, x + i * across));
    }
  };
  if constexpr (block == 4) {
    const Repartition<double, D> pairs;
    const auto r0 = row(0), r1 = row(1), r2 = row(2), r3 = row(3);
    const auto low01 = BitCast(pairs, InterleaveLower(d, r0, r1)), low23 = BitCast(pairs, InterleaveLower(d, r2, r3)),
               high01 = BitCast(pairs, InterleaveUpper(d, r0, r1)), high23 = BitCast(pairs, InterleaveUpper(d, r2, r3));
    StoreU(BitCast(d, InterleaveLower(pairs, low01, low23)), d, to);
    StoreU(BitCast(d, InterleaveUpper(pairs, low01, low23)), d, to + pitch);
    StoreU(BitCast(d, InterleaveLower(pairs, high01, high23)), d, to + 2 * pitch);
    StoreU(BitCast(d, InterleaveUpper(pairs, high01, high23)), d, to + 3 * pitch);
  } else {
    const auto r0 = row(0), r1 = row(1);
    StoreU(InterleaveLower(d, r0, r1), d, to);
    StoreU(InterleaveUpper(d, r0, r1), d, to + pitch);
  }
}

/// Copies in vectors of D: to[p·pitch + i], where neighbours lie across or along the panel. The last vector of a row
/// may overlap the one before.
template <class T, class D>
HWY_INLINE void pack_in_vectors(D d, const Panel<T>& from, T* to, std::ptrdiff_t pitch) {
  const std::size_t lanes = Lanes(d), last = from.width - lanes;
  if (from.across == 1) {
    const T* x = from.x;
    for (std::size_t p = 0; p < from.k; ++p, x += from.along, to += pitch) {
      for (std::size_t i = 0; i < last; i += lanes) StoreU(LoadU(d, x + i), d, to + i);
      StoreU(LoadU(d, x + last), d, to + last);
    }
    return;
  }
  constexpr std::size_t block = 16 / sizeof(T);
  std::size_t p = 0;
  for (; p + block <= from.k; p += block, to += static_cast<std::ptrdiff_t>(block) * pitch) {
    for (std::size_t i = 0;; i = std::min(i + lanes, last)) {
      transpose_block(d, from.x + static_cast<std::ptrdiff_t>(i) * from.across + p, from.across, to + i, pitch);
      if (i == last) break;
    }
  }
  for (; p < from.k; ++p, to += pitch)
    for (std::size_t i = 0; i < from.width; ++i) to[i] = (from.x + p)[static_cast<std::ptrdiff_t>(i) * from.across];
}

/// to[p·pitch + i] = the panel's numbers, for i < width, p < k.
template <class T>
void pack(const Panel<T>& from, T* to, std::ptrdiff_t pitch) {
  if constexpr (HWY_TARGET != HWY_SCALAR) {
    const CappedTag<T, 32 / sizeof(T)> wide;  // of two blocks, where vectors are so long
    const FixedTag<T, 16 / sizeof(T)> narrow;
    if (from.across == 1 || from.along == 1) {
      if (from.width >= Lanes(wide)) return pack_in_vectors(wide, from, to, pitch);
      if (from.width >= Lanes(narrow)) return pack_in_vectors(narrow, from, to, pitch);
    }
  }
  for (std::size_t p = 0; p < from.k; ++p, to += pitch) {
    const T* x = from.x + static_cast<std::ptrdiff_t>(p) * from.along;
    for (std::size_t i = 0; i < from.width; ++i) to[i] = x[static_cast<std::ptrdiff_t>(i) * from.across];
  }
}

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
