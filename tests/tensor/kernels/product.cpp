// The matrix product against plain loops in double, and its bits against a chain of fused multiply-adds, whatever the
// layout, the cut and the instruction set.
#include "heed/tensor/kernels/product.h"

#include <array>
#include <cmath>
#include <limits>

#include "heed/tensor/kernels/target.h"
#include "support/catch.h"
#include "support/every_target.h"
#include "support/rows.h"

using namespace heed::kernels;
using namespace heed::test;

namespace {

struct Sizes {
  std::size_t m, n, k;
};

// Everything around tiles and panels, and the edges of blocks of k, of rows and of columns.
std::vector<Sizes> sizes() {
  std::vector<Sizes> all = {{3, 5, 383},   {17, 40, 384}, {40, 17, 385},  {13, 33, 769}, {97, 35, 20},   {193, 70, 5},
                            {65, 130, 33}, {64, 50, 390}, {2, 1030, 400}, {70, 1050, 3}, {100, 66, 390}, {8, 100, 384}};
  const std::vector<std::size_t> rows = {1, 2, 3, 5, 6, 7, 8, 12, 13, 16, 25, 32, 40},
                                 columns = {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40},
                                 terms = {1, 3, 4, 5, 19, 40};
  for (std::size_t m : rows)
    for (std::size_t n : columns)
      for (std::size_t k : terms) all.push_back({m, n, k});
  return all;
}

enum class Layout { by_rows, by_columns, padded_rows, gaps, backwards, repeated_row };
constexpr Layout layouts[] = {Layout::by_rows, Layout::by_columns, Layout::padded_rows,
                              Layout::gaps,    Layout::backwards,  Layout::repeated_row};

// Numbers of a matrix in memory whose ends cannot be crossed; NaN stands between them.
template <class T>
class Operand {
 public:
  Operand(std::size_t rows, std::size_t columns, Layout layout, const std::vector<T>& numbers)
      : rows_(rows), columns_(columns), layout_(layout), memory_(size()) {
    std::fill_n(memory_.data(), size(), std::numeric_limits<T>::quiet_NaN());
    for (std::size_t i = rows; i-- > 0;)  // of a repeated row the first counts
      for (std::size_t j = 0; j < columns; ++j) *const_cast<T*>(view().at(i, j).data) = numbers[i * columns + j];
  }
  StridedMatrix<T> view() {
    T* x = memory_.data();
    const auto m = static_cast<std::ptrdiff_t>(rows_), n = static_cast<std::ptrdiff_t>(columns_);
    switch (layout_) {
      case Layout::by_rows:
        return {x, n, 1};
      case Layout::by_columns:
        return {x, 1, m};
      case Layout::padded_rows:
        return {x, n + 3, 1};
      case Layout::gaps:
        return {x, 2 * n, 2};
      case Layout::backwards:
        return {x + m * n - 1, -n, -1};
      case Layout::repeated_row:
        return {x, 0, 1};
    }
    return {};
  }

 private:
  std::size_t size() const {  // up to the last number
    if (layout_ == Layout::padded_rows) return (rows_ - 1) * (columns_ + 3) + columns_;
    if (layout_ == Layout::gaps) return 2 * rows_ * columns_ - 1;
    return layout_ == Layout::repeated_row ? columns_ : rows_ * columns_;
  }

  std::size_t rows_, columns_;
  Layout layout_;
  EdgeRow<T> memory_;
};

// The workspace, full of NaN, to its last number.
template <class T>
EdgeRow<T> workspace(std::size_t size) {
  return EdgeRow<T>(std::vector<T>((size + 15) / 16 * 16, std::numeric_limits<T>::quiet_NaN()));
}

template <class T>
std::vector<T> multiply(const Sizes& s, StridedMatrix<T> a, StridedMatrix<T> b, T beta, const std::vector<T>& c) {
  const std::size_t pitch = s.n + 2;  // what stands between the rows must stay
  std::vector<T> around((s.m - 1) * pitch + s.n, T{7});
  for (std::size_t i = 0; i < s.m; ++i) std::copy_n(&c[i * s.n], s.n, &around[i * pitch]);
  EdgeRow<T> y(around);
  EdgeRow<T> space = workspace<T>(product().of<T>().workspace(s.m, s.n, s.k, a, b));
  product().of<T>().product(s.m, s.n, s.k, a, b, beta, y.data(), static_cast<std::ptrdiff_t>(pitch), space.data());
  bool untouched = y.intact() && space.intact();
  std::vector<T> result;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (i % pitch < s.n)
      result.push_back(y[i]);
    else
      untouched = untouched && y[i] == 7;
  }
  CHECK(untouched);
  return result;
}

// Columns [begin, end) of b, packed before, in parts of so many panels.
template <class T>
std::vector<T> multiply_packed(const Sizes& s, StridedMatrix<T> a, StridedMatrix<T> b, T beta, std::vector<T> c,
                               std::size_t panels) {
  const ProductKernels<T>& kernel = product().of<T>();
  EdgeRow<T> packed = workspace<T>(kernel.packed_size(s.k, s.n));
  for (std::size_t panel = 0; panel * kernel.panel_columns < s.n; panel += panels)
    kernel.pack(s.k, s.n, b, panel, panel + panels, packed.data());
  for (std::size_t j = 0; j < s.n; j += panels * kernel.panel_columns) {
    const std::size_t columns = std::min(panels * kernel.panel_columns, s.n - j);
    EdgeRow<T> space = workspace<T>(kernel.packed_workspace(s.m, columns, s.k, a));
    kernel.packed_product(s.m, s.n, s.k, a, packed.data(), j, columns, beta, c.data() + j,
                          static_cast<std::ptrdiff_t>(s.n), space.data());
  }
  return c;
}

// What product.h says, one number after the other.
template <class T>
std::vector<T> chains(const Sizes& s, StridedMatrix<T> a, StridedMatrix<T> b, T beta, std::vector<T> c) {
  for (std::size_t i = 0; i < s.m; ++i)
    for (std::size_t j = 0; j < s.n; ++j) {
      T& y = c[i * s.n + j];
      for (std::size_t p = 0; p < s.k;) {
        T sum = 0;
        const bool first = p == 0;
        for (const std::size_t end = std::min(s.k, p + product_block_k); p < end; ++p)
          sum = std::fma(*a.at(i, p).data, *b.at(p, j).data, sum);
        y = !first ? y + sum : beta == 0 ? sum : std::fma(beta, y, sum);
      }
    }
  return c;
}

template <class T>
bool close(const Sizes& s, StridedMatrix<T> a, StridedMatrix<T> b, T beta, const std::vector<T>& c,
           const std::vector<T>& got) {
  for (std::size_t i = 0; i < s.m; ++i)
    for (std::size_t j = 0; j < s.n; ++j) {
      double wanted = beta == 0 ? 0 : static_cast<double>(beta) * static_cast<double>(c[i * s.n + j]), size = 1;
      for (std::size_t p = 0; p < s.k; ++p) {
        const double term = static_cast<double>(*a.at(i, p).data) * static_cast<double>(*b.at(p, j).data);
        wanted += term;
        size += std::fabs(term);
      }
      if (!(std::fabs(static_cast<double>(got[i * s.n + j]) - wanted) <=
            static_cast<double>(std::numeric_limits<T>::epsilon()) * size * std::sqrt(static_cast<double>(s.k) + 4)))
        return false;
    }
  return true;
}

template <class T>
void compare() {
  for (const Sizes& s : sizes()) {
    const std::vector<T> a = random_row<T>(s.m * s.k, -1, 1, s.k), b = random_row<T>(s.k * s.n, -1, 1, s.n),
                         c = random_row<T>(s.m * s.n, -1, 1, s.m);
    const T beta = std::array{T{0}, T{1}, T{-0.75}}[(s.m + s.n + s.k) % 3];
    const std::vector<T> start = beta == 0 ? std::vector<T>(c.size(), std::numeric_limits<T>::quiet_NaN()) : c;
    CAPTURE(s.m, s.n, s.k, beta, simd_target());
    for (bool repeated_a : {false, true})
      for (bool repeated_b : {false, true}) {
        std::vector<T> first;
        for (Layout left : layouts)
          for (Layout right : layouts) {
            if ((left == Layout::repeated_row) != repeated_a || (right == Layout::repeated_row) != repeated_b) continue;
            const auto pair = 6 * static_cast<std::size_t>(left) + static_cast<std::size_t>(right);
            if (s.m * s.n * s.k < 64'000 && (pair + s.m + s.n + s.k) % 7 != 0) continue;  // other pairs at other sizes
            Operand<T> x(s.m, s.k, left, a), y(s.k, s.n, right, b);
            CAPTURE(static_cast<int>(left), static_cast<int>(right));
            const std::vector<T> got = multiply<T>(s, x.view(), y.view(), beta, start);
            if (first.empty()) {
              first = got;
              CHECK(close<T>(s, x.view(), y.view(), beta, start, got));
              if (has_fused_multiply_add())  // else std::fma's chain is not what the kernels give
                CHECK(same_bits(got, chains<T>(s, x.view(), y.view(), beta, start)));
            }
            CHECK(same_bits(got, first));
            if (right == Layout::by_rows || left == Layout::gaps) {
              CHECK(same_bits(multiply_packed<T>(s, x.view(), y.view(), beta, start, 1000), first));
              CHECK(same_bits(multiply_packed<T>(s, x.view(), y.view(), beta, start, 1), first));
            }
          }
      }
  }
}

}  // namespace

TEST_CASE("a product is the sum it says, to the bit, in every layout and packed", "[kernels][product]") {
  for_every_target([](const std::string&) {
    compare<float>();
    compare<double>();
  });
}

TEST_CASE("the bits of a product do not change with the instruction set", "[kernels][product]") {
  std::vector<float> first;
  for (const Sizes& s : {Sizes{50, 60, 500}, {33, 17, 900}}) {
    first.clear();
    const std::vector<float> a = random_row<float>(s.m * s.k, -1, 1, 1), b = random_row<float>(s.k * s.n, -1, 1, 2);
    for_every_target([&](const std::string&) {
      if (!has_fused_multiply_add()) return;
      const auto k = static_cast<std::ptrdiff_t>(s.k), n = static_cast<std::ptrdiff_t>(s.n);
      const std::vector<float> y =
          multiply<float>(s, {a.data(), k, 1}, {b.data(), n, 1}, 0, std::vector<float>(s.m * s.n));
      if (first.empty()) first = y;
      CHECK(same_bits(y, first));
    });
  }
}

TEST_CASE("an element of a product depends on its own row and column only", "[kernels][product]") {
  for_every_target([](const std::string&) {
    const Sizes all{97, 75, 400};
    const std::vector<float> a = random_row<float>(all.m * all.k, -1, 1, 3),
                             b = random_row<float>(all.k * all.n, -1, 1, 4);
    const StridedMatrix<float> rows{a.data(), 400, 1}, columns{b.data(), 75, 1};
    const std::vector<float> whole = multiply<float>(all, rows, columns, 0, std::vector<float>(all.m * all.n));
    for (const Sizes& part : {Sizes{1, 1, 400}, {2, 75, 400}, {97, 2, 400}, {11, 19, 400}, {64, 40, 400}})
      for (std::size_t i : {std::size_t{0}, all.m - part.m})
        for (std::size_t j : {std::size_t{0}, all.n - part.n}) {
          const std::vector<float> y =
              multiply<float>(part, rows.at(i, 0), columns.at(0, j), 0, std::vector<float>(part.m * part.n));
          CAPTURE(part.m, part.n, i, j, simd_target());
          bool same = true;
          for (std::size_t r = 0; r < part.m; ++r)
            for (std::size_t q = 0; q < part.n; ++q)
              same = same && same_bits(y[r * part.n + q], whole[(i + r) * all.n + j + q]);
          CHECK(same);
        }
  });
}

TEST_CASE("NaN and infinity stay in their rows and columns", "[kernels][product]") {
  for_every_target([](const std::string&) {
    for (float number : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
      for (const Sizes& s : {Sizes{5, 7, 9}, {13, 19, 5}, {30, 41, 20}, {70, 90, 400}}) {
        std::vector<float> a(s.m * s.k, 1), b(s.k * s.n, 1);
        a[(s.m - 1) * s.k] = number;  // in the last row
        b[s.n - 1] = number;          // in the last column
        const auto k = static_cast<std::ptrdiff_t>(s.k), n = static_cast<std::ptrdiff_t>(s.n);
        const StridedMatrix<float> x{a.data(), k, 1}, y{b.data(), n, 1};
        const std::vector<float> zeros(s.m * s.n);
        for (const std::vector<float>& c :
             {multiply<float>(s, x, y, 0, zeros), multiply_packed<float>(s, x, y, 0, zeros, 2)}) {
          CAPTURE(s.m, s.n, s.k, number, simd_target());
          bool right = true;
          for (std::size_t i = 0; i < s.m; ++i)
            for (std::size_t j = 0; j < s.n; ++j)
              right = right && (i + 1 < s.m && j + 1 < s.n ? c[i * s.n + j] == static_cast<float>(s.k)
                                                           : !std::isfinite(c[i * s.n + j]));
          CHECK(right);
        }
      }
  });
}
