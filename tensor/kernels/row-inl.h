// Walking along a row of contiguous numbers vector by vector. The numbers left over at the end go through the same
// vector code in the first lanes of one more vector, so a number's result does not depend on where in a row it stands.
//
// Each kernel file includes this once per instruction set, after <hwy/foreach_target.h>; hence no include guard.
#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

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

/// The first n lanes of a vector, or all of them where it has fewer. The others are loaded as 0 and not stored.
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

#else  // a padded copy

/// The first n lanes of a vector, or all of them where it has fewer. The others are loaded as 0 and not stored.
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

/// The lanes whose flag is set.
template <class D>
HWY_INLINE Mask<D> flags(Whole, D d, const bool* mask) {
  const Rebind<std::uint32_t, D> d32;
  const RebindToUnsigned<D> du;
  const auto words = PromoteTo(d32, LoadU(Rebind<std::uint8_t, D>(), reinterpret_cast<const std::uint8_t*>(mask)));
  if constexpr (sizeof(TFromD<D>) == sizeof(std::uint32_t))
    return RebindMask(d, Ne(words, Zero(du)));
  else
    return RebindMask(d, Ne(PromoteTo(du, words), Zero(du)));
}

template <class D>
HWY_INLINE Mask<D> flags(First first, D d, const bool* mask) {
  bool padded[MaxLanes(D())] = {};
  std::copy_n(mask, std::min(first.n, MaxLanes(D())), padded);
  return flags(Whole{}, d, padded);
}

/// Calls body(i, part) for every vector of a row of n numbers: `part` moves the numbers from position i on.
template <class D, class Body>
HWY_INLINE void for_row(D d, std::size_t n, const Body& body) {
  const std::size_t lanes = Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) body(i, Whole{});
  if (i < n) body(i, First{n - i});
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

// Sums and maxima along a row have the same bits whatever the width of the vectors. A row is spread over a fixed number
// of lanes, 256 bytes of them: number i goes to lane i % row_lanes. That is four vectors of AVX-512, eight of AVX2,
// sixteen of NEON. Then the lanes are joined by halves: l with l + row_lanes / 2, and so on down to 0 with 1.
template <class T>
inline constexpr std::size_t row_lanes = 256 / sizeof(T);

static_assert(!HWY_HAVE_SCALABLE, "instruction_sets.h: vectors must have a size at compile time");

/// How lanes are joined, and what an unused lane holds: joining it changes nothing, so short rows do without most. A
/// sum begins at +0 and is never -0.
template <class T>
struct Plus {
  static constexpr T unused = 0;
  static constexpr bool order_shows = false;
  template <class V>
  static HWY_INLINE V join(V a, V b) {
    return Add(a, b);
  }
};

template <class T>
struct Greatest {
  static constexpr T unused = -std::numeric_limits<T>::infinity();
  static constexpr bool order_shows = true;  // +0 and -0 are equal
  template <class V>
  static HWY_INLINE V join(V a, V b) {
    return maximum(a, b);
  }
};

/// v where the part has numbers, else `unused`.
template <class Rule, class D>
HWY_INLINE Vec<D> inside(D, Vec<D> v, Whole) {
  return v;
}
template <class Rule, class D>
HWY_INLINE Vec<D> inside(D d, Vec<D> v, First part) {
  if constexpr (Rule::unused == 0)
    return IfThenElseZero(FirstN(d, part.n), v);
  else
    return IfThenElse(FirstN(d, part.n), v, Set(d, Rule::unused));
}

/// The lanes of `count` vectors, joined by halves.
template <class Rule, std::size_t count, class D>
HWY_INLINE TFromD<D> join_lanes([[maybe_unused]] D d, const Vec<D>* v) {
  constexpr std::size_t lanes = MaxLanes(D());
  if constexpr (count > 1) {
    Vec<D> half[count / 2];
    HWY_UNROLL(32) for (std::size_t i = 0; i < count / 2; ++i) half[i] = Rule::join(v[i], v[i + count / 2]);
    return join_lanes<Rule, count / 2>(d, half);
  } else if constexpr (lanes * sizeof(TFromD<D>) > 16) {
    const Half<D> half;
    const auto joined = Rule::join(LowerHalf(half, *v), UpperHalf(half, *v));
    return join_lanes<Rule, 1>(half, &joined);
  } else if constexpr (lanes == 4) {
    const auto two = Rule::join(*v, Shuffle1032(*v));
    return GetLane(Rule::join(two, Shuffle2301(two)));
  } else if constexpr (lanes == 2) {
    return GetLane(Rule::join(*v, Shuffle01(*v)));
  } else {
    return GetLane(*v);
  }
}

/// Rows of at most so many vectors are joined by turns.
inline constexpr std::size_t few_vectors = 4;

/// number(i, part) of a row of few vectors, joined. The vectors take turns in as many registers, so that each ends
/// where it is joined with those it should be, however many they are.
template <class Rule, class D, class Number>
HWY_INLINE TFromD<D> join_few(D d, std::size_t n, const Number& number) {
  constexpr std::size_t lanes = MaxLanes(D()), count = few_vectors;
  const auto unused = Set(d, Rule::unused);
  Vec<D> v[count] = {unused, unused, unused, unused};
  const auto take = [&](Vec<D> next) HWY_ATTR {
    const auto joined = Rule::join(v[0], next);
    v[0] = v[1], v[1] = v[2], v[2] = v[3], v[3] = joined;
  };
  std::size_t i = 0;
  HWY_UNROLL(1) for (; i + lanes <= n; i += lanes) take(number(i, Whole{}));
  if (i < n) take(number(i, First{n - i}));
  if (Rule::order_shows && n > 2 * lanes && n <= 3 * lanes) take(unused);
  return join_lanes<Rule, count>(d, v);
}

/// number(i, part) of a row of n numbers, joined. What number gives beyond a part's end is Rule::unused.
template <class Rule, class D, class Number>
HWY_INLINE TFromD<D> join_many(D d, std::size_t n, const Number& number) {
  constexpr std::size_t lanes = MaxLanes(D()), all = row_lanes<TFromD<D>>, count = all / lanes, half = count / 2;
  Vec<D> v[count];
  std::size_t i = 0;
  if (n >= all) {
    HWY_UNROLL(16) for (std::size_t j = 0; j < count; ++j) v[j] = number(j * lanes, Whole{});
    v[0] = Rule::join(Set(d, Rule::unused), v[0]);
    i = all;
  } else {
    HWY_UNROLL(16) for (std::size_t j = 0; j < count; ++j) v[j] = Set(d, Rule::unused);
  }
  for (; i + all <= n; i += all)
    HWY_UNROLL(16) for (std::size_t j = 0; j < count; ++j) v[j] = Rule::join(v[j], number(i + j * lanes, Whole{}));
  if (n - i >= half * lanes) {
    HWY_UNROLL(16) for (std::size_t j = 0; j < half; ++j) v[j] = Rule::join(v[j], number(i + j * lanes, Whole{}));
    HWY_UNROLL(16)
    for (std::size_t j = half; j < count; ++j)
      if (i + j * lanes < n) v[j] = Rule::join(v[j], number(i + j * lanes, First{n - i - j * lanes}));
  } else {
    HWY_UNROLL(16)
    for (std::size_t j = 0; j < half; ++j)
      if (i + j * lanes < n) v[j] = Rule::join(v[j], number(i + j * lanes, First{n - i - j * lanes}));
  }
  return join_lanes<Rule, count>(d, v);
}

/// So many terms at most are added up in lanes: the error of a long sum grows with the logarithm of their blocks.
inline constexpr std::size_t sum_block = 1024;

/// Σ block(begin, size) over the blocks of a row of n numbers, in a binary tree: two neighbours of one size are added
/// as soon as both are there, and what is left at the end from right to left.
template <class T, class Block>
HWY_INLINE T sum_blocks(std::size_t n, const Block& block) {
  T sums[8 * sizeof(std::size_t)];
  std::size_t depth = 0;
  for (std::size_t done = 0; done * sum_block < n; ++done) {
    sums[depth++] = block(done * sum_block, std::min(sum_block, n - done * sum_block));
    for (std::size_t pairs = done; pairs % 2 != 0; pairs /= 2, --depth) sums[depth - 2] += sums[depth - 1];
  }
  for (; depth > 1; --depth) sums[depth - 2] += sums[depth - 1];
  return sums[0];
}

/// Σ terms[i] for i < n, whole vectors.
template <class D>
HWY_NOINLINE TFromD<D> sum_stored(D d, const TFromD<D>* terms, std::size_t n) {
  return join_many<Plus<TFromD<D>>>(d, n, [&](std::size_t i, auto) HWY_ATTR { return Load(d, terms + i); });
}

/// Σ term(i, part) over a row of n numbers; each part is asked for once, in the order of the row. The terms of a block
/// are stored and then added, so that their code has the registers for itself.
template <class D, class Term>
HWY_INLINE TFromD<D> sum_row(D d, std::size_t n, const Term& term) {
  using T = TFromD<D>;
  constexpr std::size_t lanes = MaxLanes(D());
  const auto number = [&](std::size_t i, auto part) HWY_ATTR { return inside<Plus<T>>(d, term(i, part), part); };
  if (n <= few_vectors * lanes) return join_few<Plus<T>>(d, n, number);
  return sum_blocks<T>(n, [&](std::size_t begin, std::size_t size) HWY_ATTR {
    HWY_ALIGN T terms[sum_block];
    std::size_t i = 0;
    for (; i + lanes <= size; i += lanes) Store(number(begin + i, Whole{}), d, terms + i);
    if (i < size) Store(number(begin + i, First{size - i}), d, terms + i), i += lanes;
    return sum_stored(d, terms, i);
  });
}

/// The same for terms that take an instruction or two: they are added where they are made.
template <class D, class Term>
HWY_INLINE TFromD<D> sum_light_row(D d, std::size_t n, const Term& term) {
  using T = TFromD<D>;
  if constexpr (MaxLanes(D()) == 1) return sum_row(d, n, term);  // 64 running sums do not fit into registers
  const auto number = [&](std::size_t i, auto part) HWY_ATTR { return inside<Plus<T>>(d, term(i, part), part); };
  if (n <= few_vectors * MaxLanes(D())) return join_few<Plus<T>>(d, n, number);
  if (n <= sum_block) return join_many<Plus<T>>(d, n, number);
  return sum_blocks<T>(n, [&](std::size_t begin, std::size_t size) HWY_ATTR {
    return join_many<Plus<T>>(d, size, [&](std::size_t i, auto part) HWY_ATTR { return number(begin + i, part); });
  });
}

/// max number(i, part) over a row of n numbers, NaN when there is one, -inf for n = 0. Each part is asked for once, in
/// the order of the row; then the numbers are those from x on, where number may have stored them.
template <class D, class Number>
HWY_INLINE TFromD<D> max_row(D d, std::size_t n, const TFromD<D>* x, const Number& number) {
  using Rule = Greatest<TFromD<D>>;
  const auto inside_row = [&](const auto& numbers) HWY_ATTR {
    return [&](std::size_t i, auto part) HWY_ATTR { return inside<Rule>(d, numbers(i, part), part); };
  };
  TFromD<D> m;
  if (n <= few_vectors * MaxLanes(D())) {
    m = join_few<Rule>(d, n, inside_row(number));
  } else {
    for_row(d, n, number);
    m = join_many<Rule>(d, n, inside_row([&](std::size_t i, auto part) HWY_ATTR { return part.load(d, x + i); }));
  }
  return m == m ? m : std::numeric_limits<TFromD<D>>::quiet_NaN();
}

/// max x[i] for i < n.
template <class D>
HWY_INLINE TFromD<D> max_of(D d, const TFromD<D>* x, std::size_t n) {
  return max_row(d, n, x, [&](std::size_t i, auto part) HWY_ATTR { return part.load(d, x + i); });
}

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
