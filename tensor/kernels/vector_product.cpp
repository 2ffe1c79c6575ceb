#include "heed/tensor/kernels/vector_product.h"

#include <algorithm>

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/vector_product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
namespace {  // also keeps these names apart from those of other kernel files

// So many terms of a column are added up in T before their sum goes on in double precision, which is rounded once at
// the end; so many of them are first added up by themselves.
constexpr std::size_t depth = 1024, column_part = 64;

// A dot product along a row has so many running sums whatever the width of the vectors, 64 bytes of them: term p is
// fused into sum p % dot_lanes, and the sums are added by halves, as those of row-inl.h. Each adds up as many terms in
// T as a part of a column.
template <class T>
constexpr std::size_t dot_lanes = 64 / sizeof(T);
template <class T>
constexpr std::size_t dot_depth = column_part * dot_lanes<T>;

// The sum so far of one number of y: sum + beta·y for the first terms, then *total + sum. A sum of 0 is +0: the sign of
// a running sum that underflows to -0 would show how many lanes a vector has.
template <class T>
HWY_INLINE double add_sum(bool is_first, const double* total, T sum, T beta, const T* y) {
  if (!is_first) return *total + static_cast<double>(sum);
  const double first = static_cast<double>(sum) + 0.0;
  return beta == 0 ? first : first + static_cast<double>(beta * *y);
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

/// How many rows are multiplied at once, which share what is loaded of x: with eight vectors of running sums an
/// addition need not wait for the one before, and they fit into the registers.
template <class T>
constexpr std::size_t rows_at_once = std::max<std::size_t>(1, 8 * MaxLanes(ScalableTag<T>()) / dot_lanes<T>);

/// sums[r] = Σ a[r][p]·x[p] over p < k, for each of the rows.
template <class T, std::size_t rows>
HWY_INLINE void dot_products(const T* const (&a)[rows], const T* x, std::size_t k, T* sums) {
  const ScalableTag<T> d;
  constexpr std::size_t lanes = MaxLanes(ScalableTag<T>()), count = dot_lanes<T> / lanes;
  Vec<ScalableTag<T>> s[rows][count];
  HWY_UNROLL(8)
  for (std::size_t r = 0; r < rows; ++r) HWY_UNROLL(16) for (std::size_t j = 0; j < count; ++j) s[r][j] = Zero(d);
  const auto add = [&](std::size_t j, std::size_t p, auto part) HWY_ATTR {
    const auto factor = part.load(d, x + p);
    HWY_UNROLL(8) for (std::size_t r = 0; r < rows; ++r) s[r][j] = MulAdd(part.load(d, a[r] + p), factor, s[r][j]);
  };
  std::size_t p = 0;
  for (; p + dot_lanes<T> <= k; p += dot_lanes<T>)
    HWY_UNROLL(16) for (std::size_t j = 0; j < count; ++j) add(j, p + j * lanes, Whole{});
  HWY_UNROLL(16) for (std::size_t j = 0; j < count; ++j) {
    if (p + (j + 1) * lanes <= k)
      add(j, p + j * lanes, Whole{});
    else if (p + j * lanes < k)
      add(j, p + j * lanes, First{k - p - j * lanes});
  }
  HWY_UNROLL(8) for (std::size_t r = 0; r < rows; ++r) sums[r] = join_lanes<Plus<T>, count>(d, s[r]);
}

template <class T>
void matrix_times_column(const T* a, std::size_t stride, const T* x, std::size_t m, std::size_t k, T beta, T* y,
                         std::size_t y_step) {
  constexpr std::size_t most = rows_at_once<T>;
  for (std::size_t i = 0; i < m; i += most) {
    const std::size_t rows = std::min(most, m - i);
    double totals[most] = {};
    T* to = y + i * y_step;
    for (std::size_t p = 0; p < k; p += dot_depth<T>) {
      const T* row[most];  // the last again where there are fewer
      HWY_UNROLL(8) for (std::size_t r = 0; r < most; ++r) row[r] = a + std::min(i + r, m - 1) * stride + p;
      T sums[most];
      dot_products(row, x + p, std::min(dot_depth<T>, k - p), sums);
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

Tables<VectorProductKernels> vector_product() { return HWY_DYNAMIC_DISPATCH(vector_product_tables)(); }

}  // namespace heed::kernels
#endif
