// Walking along a row of contiguous numbers vector by vector. The numbers left over at the end go through the same
// vector code in the first lanes of one more vector, so a number's result does not depend on where in a row it stands.
//
// Each kernel file includes this once per instruction set, after <hwy/foreach_target.h>; hence no include guard.
#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
using namespace hwy::HWY_NAMESPACE;

/// A whole vector of the row.
struct Whole {
  template <class D>
  HWY_INLINE Vec<D> load(D d, const TFromD<D>* p) const {
    return LoadU(d, p);
  }
  template <class D>
  HWY_INLINE void store(Vec<D> v, D d, TFromD<D>* p) const {
    StoreU(v, d, p);
  }
};

// Masked loads and stores that never touch what the mask leaves out. Highway says no for AVX2 as a whole because of its
// 1 and 2 byte lanes; those of 4 and 8 bytes are safe there.
#if !HWY_MEM_OPS_MIGHT_FAULT || HWY_TARGET == HWY_AVX2

/// The first n lanes of a vector, 0 < n < Lanes(d). The others are loaded as 0 and not stored.
struct First {
  std::size_t n;

  template <class D>
  HWY_INLINE Vec<D> load(D d, const TFromD<D>* p) const {
    return MaskedLoad(FirstN(d, n), d, p);
  }
  template <class D>
  HWY_INLINE void store(Vec<D> v, D d, TFromD<D>* p) const {
    BlendedStore(v, FirstN(d, n), d, p);
  }
};

#else  // a padded copy. n is less than MaxLanes(d) anyhow; saying so spares g++ a false warning.

/// The first n lanes of a vector, 0 < n < Lanes(d). The others are loaded as 0 and not stored.
struct First {
  std::size_t n;

  template <class D>
  HWY_INLINE Vec<D> load(D d, const TFromD<D>* p) const {
    HWY_ALIGN TFromD<D> padded[MaxLanes(D())] = {};
    std::copy_n(p, std::min(n, MaxLanes(D())), padded);
    return Load(d, padded);
  }
  template <class D>
  HWY_INLINE void store(Vec<D> v, D d, TFromD<D>* p) const {
    HWY_ALIGN TFromD<D> padded[MaxLanes(D())];
    Store(v, d, padded);
    std::copy_n(padded, std::min(n, MaxLanes(D())), p);
  }
};

#endif

/// Calls body(i, part) for every vector of a row of n numbers: `part` moves the numbers from position i on.
template <class D, class Body>
HWY_INLINE void for_row(D d, std::size_t n, const Body& body) {
  const std::size_t lanes = Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) body(i, Whole{});
  if (i < n) body(i, First{n - i});
}

/// How many terms are added up by running sums before their total joins the others: the error of a long sum grows with
/// the logarithm of the number of blocks.
inline constexpr std::size_t sum_block = 1024;

/// Σ term(i, part) for i in [begin, end), over the lanes last. The count alone fixes the order: four running sums take
/// turns, so that an addition need not wait for the one before.
template <class D, class Term>
HWY_INLINE TFromD<D> sum_running(D d, std::size_t begin, std::size_t end, const Term& term) {
  const std::size_t lanes = Lanes(d);
  auto s0 = Zero(d), s1 = s0, s2 = s0, s3 = s0;
  std::size_t i = begin;
  for (; i + lanes <= end; i += lanes) {
    const auto longer = Add(s0, term(i, Whole{}));
    s0 = s1, s1 = s2, s2 = s3, s3 = longer;
  }
  if (i < end) s0 = Add(s0, IfThenElseZero(FirstN(d, end - i), term(i, First{end - i})));
  return GetLane(SumOfLanes(d, Add(Add(s0, s1), Add(s2, s3))));
}

/// The same by halves, down to blocks.
template <class D, class Term>
TFromD<D> sum_pairwise(D d, std::size_t begin, std::size_t end, const Term& term) {
  const std::size_t n = end - begin;
  if (n <= sum_block) return sum_running(d, begin, end, term);
  const std::size_t middle = begin + (n + sum_block - 1) / sum_block / 2 * sum_block;
  return sum_pairwise(d, begin, middle, term) + sum_pairwise(d, middle, end, term);
}

/// Σ term(i, part) over a row of n numbers; each part is asked for once, in the order of the row.
template <class D, class Term>
HWY_INLINE TFromD<D> sum_row(D d, std::size_t n, const Term& term) {
  return n <= sum_block ? sum_running(d, 0, n, term) : sum_pairwise(d, 0, n, term);
}

/// The greater of two numbers, NaN when either is NaN (Highway's own Max leaves that case open).
template <class V>
HWY_INLINE V maximum(V a, V b) {
  return IfThenElse(Or(Gt(a, b), IsNaN(a)), a, b);
}

template <class V>
HWY_INLINE V minimum(V a, V b) {
  return IfThenElse(Or(Lt(a, b), IsNaN(a)), a, b);
}

/// max number(i, part) over the row, NaN when there is one, -inf for n = 0.
template <class D, class Number>
HWY_INLINE TFromD<D> max_row(D d, std::size_t n, const Number& number) {
  using limits = std::numeric_limits<TFromD<D>>;
  const auto least = Set(d, -limits::infinity());
  const std::size_t lanes = Lanes(d);
  auto m0 = least, m1 = least, m2 = least, m3 = least;
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto greater = maximum(m0, number(i, Whole{}));
    m0 = m1, m1 = m2, m2 = m3, m3 = greater;
  }
  if (i < n) m0 = maximum(m0, IfThenElse(FirstN(d, n - i), number(i, First{n - i}), least));
  const auto m = maximum(maximum(m0, m1), maximum(m2, m3));
  if (!AllFalse(d, IsNaN(m))) return limits::quiet_NaN();
  return AllFalse(d, Gt(m, least)) ? -limits::infinity() : GetLane(MaxOfLanes(d, m));  // which may start at lowest()
}

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
