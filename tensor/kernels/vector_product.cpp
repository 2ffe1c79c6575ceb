#include "heed/tensor/kernels/vector_product.h"

#include <algorithm>

#include "heed/tensor/kernels/instruction_sets.h"
#include "heed/tensor/kernels/table.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/vector_product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
namespace {  // also keeps these names apart from those of other kernel files

// So many terms are added up in T before their sum goes on in double precision, which is rounded once at the end. A row
// has two running sums for every lane, a column a single one: it first adds up so many of its terms by themselves.
constexpr std::size_t depth = 1024, column_part = 64;

// The sum so far of one number of y: sum + beta·y for the first terms, then *total + sum.
template <class T>
HWY_INLINE double add_sum(bool is_first, const double* total, T sum, T beta, const T* y) {
  if (!is_first) return *total + static_cast<double>(sum);
  return beta == 0 ? static_cast<double>(sum) : static_cast<double>(sum) + static_cast<double>(beta * *y);
}

template <class T>
void row_times_matrix(const T* x, const T* b, std::size_t stride, std::size_t k, std::size_t n, T beta, T* y,
                      std::size_t y_step) {
  // The running sums of so many columns stay in the first-level cache, half of which they take; whole vectors.
  constexpr std::size_t width = 16384 / sizeof(T);
  const ScalableTag<T> d;
  HWY_ALIGN T sums[width], part_sums[width];
  HWY_ALIGN double totals[width];
  for (std::size_t j = 0; j < n; j += width) {
    const std::size_t columns = std::min(width, n - j);
    for (std::size_t begin = 0; begin < k; begin += depth) {
      const std::size_t end = std::min(k, begin + depth);
      for (std::size_t i = 0; i < columns; i += Lanes(d)) Store(Zero(d), d, sums + i);
      for (std::size_t p = begin; p < end;) {
        const std::size_t stop = std::min(end, p + column_part);
        for (std::size_t i = 0; i < columns; i += Lanes(d)) Store(Zero(d), d, part_sums + i);
        for (; p + 4 <= stop; p += 4) {
          const auto x0 = Set(d, x[p]), x1 = Set(d, x[p + 1]), x2 = Set(d, x[p + 2]), x3 = Set(d, x[p + 3]);
          const T *b0 = b + p * stride + j, *b1 = b0 + stride, *b2 = b1 + stride, *b3 = b2 + stride;
          for_row(d, columns, [&](std::size_t i, auto part) HWY_ATTR {
            const auto even =
                MulAdd(x2, part.load(d, b2 + i), MulAdd(x0, part.load(d, b0 + i), Load(d, part_sums + i)));
            const auto odd = MulAdd(x3, part.load(d, b3 + i), Mul(x1, part.load(d, b1 + i)));
            Store(Add(even, odd), d, part_sums + i);
          });
        }
        for (; p < stop; ++p) {
          const auto x0 = Set(d, x[p]);
          const T* b0 = b + p * stride + j;
          for_row(d, columns, [&](std::size_t i, auto part) HWY_ATTR {
            Store(MulAdd(x0, part.load(d, b0 + i), Load(d, part_sums + i)), d, part_sums + i);
          });
        }
        for (std::size_t i = 0; i < columns; i += Lanes(d))
          Store(Add(Load(d, sums + i), Load(d, part_sums + i)), d, sums + i);
      }
      T* to = y + j * y_step;
      for (std::size_t i = 0; i < columns; ++i) {
        const double total = add_sum(begin == 0, totals + i, sums[i], beta, to + i * y_step);
        if (end == k)
          to[i * y_step] = static_cast<T>(total);
        else
          totals[i] = total;
      }
    }
  }
}

/// sums[0] = Σ of the lanes of v0, and so on.
template <class D, class V>
HWY_INLINE void add_lanes(D d, V v0, V v1, V v2, V v3, TFromD<D>* sums) {
#if HWY_TARGET == HWY_SCALAR
  (void)d;
  sums[0] = GetLane(v0), sums[1] = GetLane(v1), sums[2] = GetLane(v2), sums[3] = GetLane(v3);
#else  // four vectors together take fewer shuffles than SumOfLanes of each
  constexpr std::size_t lanes = 16 / sizeof(TFromD<D>);  // of a block of 128 bits
  const auto v01 = Add(InterleaveLower(d, v0, v1), InterleaveUpper(d, v0, v1)),
             v23 = Add(InterleaveLower(d, v2, v3), InterleaveUpper(d, v2, v3));
  HWY_ALIGN TFromD<D> blocks[2 * MaxLanes(D())];
  if constexpr (lanes == 4) {
    const Repartition<double, D> pairs;
    const auto a = BitCast(pairs, v01), b = BitCast(pairs, v23);
    Store(Add(BitCast(d, InterleaveLower(pairs, a, b)), BitCast(d, InterleaveUpper(pairs, a, b))), d, blocks);
    for (int r = 0; r < 4; ++r) sums[r] = blocks[r];
    for (std::size_t i = 4; i < Lanes(d); ++i) sums[i % 4] += blocks[i];
  } else {
    Store(v01, d, blocks);
    Store(v23, d, blocks + Lanes(d));
    for (std::size_t r = 0; r < 4; ++r) sums[r] = blocks[r / 2 * Lanes(d) + r % 2];
    for (std::size_t i = 2; i < Lanes(d); ++i) sums[i % 2] += blocks[i], sums[2 + i % 2] += blocks[Lanes(d) + i];
  }
#endif
}

/// sums[i] = Σ a[i·stride + p]·x[p] over p < k for the four rows i, which share what is loaded of x. Each row has two
/// running sums that take turns, so that an addition need not wait for the one before.
template <class T>
HWY_INLINE void four_dot_products(const T* a0, const T* a1, const T* a2, const T* a3, const T* x, std::size_t k,
                                  T* sums) {
  const ScalableTag<T> d;
  const std::size_t lanes = Lanes(d);
  auto s0 = Zero(d), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
  std::size_t p = 0;
  const auto add = [&](auto& r0, auto& r1, auto& r2, auto& r3, auto part) HWY_ATTR {
    const auto factor = part.load(d, x + p);
    r0 = MulAdd(part.load(d, a0 + p), factor, r0);
    r1 = MulAdd(part.load(d, a1 + p), factor, r1);
    r2 = MulAdd(part.load(d, a2 + p), factor, r2);
    r3 = MulAdd(part.load(d, a3 + p), factor, r3);
  };
  while (p + 2 * lanes <= k) {
    add(s0, s1, s2, s3, Whole{});
    p += lanes;
    add(t0, t1, t2, t3, Whole{});
    p += lanes;
  }
  if (p + lanes <= k) add(s0, s1, s2, s3, Whole{}), p += lanes;
  if (p < k) add(t0, t1, t2, t3, First{k - p});
  add_lanes(d, Add(s0, t0), Add(s1, t1), Add(s2, t2), Add(s3, t3), sums);
}

template <class T>
void matrix_times_column(const T* a, std::size_t stride, const T* x, std::size_t m, std::size_t k, T beta, T* y,
                         std::size_t y_step) {
  // No running sum adds up more terms than a column's of above, however few lanes there are to share them.
  const std::size_t dot_depth = std::min(depth, 2 * column_part * Lanes(ScalableTag<T>()));
  for (std::size_t i = 0; i < m; i += 4) {
    const std::size_t rows = std::min<std::size_t>(4, m - i);
    // The last rows again where there are fewer than four.
    const T *a0 = a + i * stride, *a1 = a + std::min(i + 1, m - 1) * stride, *a2 = a + std::min(i + 2, m - 1) * stride,
            *a3 = a + std::min(i + 3, m - 1) * stride;
    double totals[4];
    T* to = y + i * y_step;
    for (std::size_t p = 0; p < k; p += dot_depth) {
      T sums[4];
      four_dot_products(a0 + p, a1 + p, a2 + p, a3 + p, x + p, std::min(dot_depth, k - p), sums);
      for (std::size_t r = 0; r < rows; ++r) totals[r] = add_sum(p == 0, totals + r, sums[r], beta, to + r * y_step);
    }
    for (std::size_t r = 0; r < rows; ++r) to[r * y_step] = static_cast<T>(totals[r]);
  }
}

template <class T>
constexpr VectorProductKernels<T> table{.row_times_matrix = row_times_matrix<T>,
                                        .matrix_times_column = matrix_times_column<T>};

}  // namespace

Tables<VectorProductKernels> vector_product_tables() { return {table<float>, table<double>}; }

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(vector_product_tables);

template <class T>
const VectorProductKernels<T>& vector_product() {
  return HWY_DYNAMIC_DISPATCH(vector_product_tables)().of<T>();
}
template const VectorProductKernels<float>& vector_product();
template const VectorProductKernels<double>& vector_product();

}  // namespace heed::kernels
#endif
