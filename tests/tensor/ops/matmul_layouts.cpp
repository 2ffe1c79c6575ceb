// What a product promises about layouts, whichever kernels BLAS runs: gaps, steps, and where in memory the numbers
// begin never change a bit. Only whether a matrix of several rows and columns lies by rows or by columns may.
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"

using namespace heed;
using test::Numbers;
using test::same_bits;

namespace {

// The last two axes of x in a row-major buffer with more rows and columns: element [i, j] stands at
// [before + i·row_step, before + j·column_step].
Tensor inside(const Tensor& x, std::int64_t before, std::int64_t row_step, std::int64_t column_step,
              std::int64_t behind = 0) {
  const int rank = x.rank();
  Shape shape = x.shape();
  shape[rank - 2] = before + shape[rank - 2] * row_step + behind;
  shape[rank - 1] = before + shape[rank - 1] * column_step + behind;
  const Tensor around = full(shape, 0.5, x.dtype());
  Tensor view = slice(slice(around, -2, before, before + x.size(-2) * row_step, row_step), -1, before,
                      before + x.size(-1) * column_step, column_step);
  copy_from(view, x);
  return view;
}

Tensor reversed(const Tensor& x, int axis) { return slice(x, axis, -1, to_end, -1); }

struct Layout {
  const char* name;
  bool by_columns;
  Tensor (*of)(const Tensor&);
};

const Layout layouts[] = {
    {"row-major", false, [](const Tensor& x) { return x.clone(); }},
    {"one column further on", false, [](const Tensor& x) { return inside(x, 1, 1, 1); }},
    {"in a wider matrix, two columns further on", false, [](const Tensor& x) { return inside(x, 2, 1, 1, 1); }},
    {"in a wider matrix, three columns further on", false, [](const Tensor& x) { return inside(x, 3, 1, 1, 13); }},
    {"every third row", false, [](const Tensor& x) { return inside(x, 0, 3, 1); }},
    {"every second column", false, [](const Tensor& x) { return inside(x, 1, 1, 2); }},
    {"every second row and third column", false, [](const Tensor& x) { return inside(x, 0, 2, 3); }},
    {"rows backwards", false, [](const Tensor& x) { return reversed(reversed(x, -2).clone(), -2); }},
    {"columns backwards", false, [](const Tensor& x) { return reversed(reversed(x, -1).clone(), -1); }},
    {"both backwards, with gaps", false,
     [](const Tensor& x) { return reversed(reversed(inside(reversed(reversed(x, -1), -2), 0, 1, 1, 3), -1), -2); }},
    {"a repeated row", false, [](const Tensor& x) { return expand(slice(x, -2, 0, 1).clone(), x.shape()); }},
    {"a repeated column", false, [](const Tensor& x) { return expand(slice(x, -1, 0, 1).clone(), x.shape()); }},
    {"every second row of column-major", false, [](const Tensor& x) { return mT(inside(mT(x), 0, 1, 2)); }},
    {"column-major", true, [](const Tensor& x) { return mT(mT(x).clone()); }},
    {"column-major, one row further on", true, [](const Tensor& x) { return mT(inside(mT(x), 1, 1, 1)); }},
    {"in a taller column-major matrix", true, [](const Tensor& x) { return mT(inside(mT(x), 3, 1, 1, 2)); }},
    {"every second column of column-major", true, [](const Tensor& x) { return mT(inside(mT(x), 0, 2, 1)); }},
};

// The numbers of a view without gaps, in the order that may matter. A single row or column has only one.
Tensor copy(const Tensor& view, bool by_columns) {
  return by_columns && view.size(-2) > 1 && view.size(-1) > 1 ? mT(mT(view).clone()) : view.clone();
}

struct Operand {
  Tensor view, copied;
  const char* layout;
};

std::vector<Operand> operands(const Tensor& x) {
  std::vector<Operand> all;
  for (const Layout& layout : layouts) {
    const Tensor view = layout.of(x);
    all.push_back({view, copy(view, layout.by_columns), layout.name});
  }
  return all;
}

// Every left operand times every right one against the product of their copies.
template <class Multiply>
void compare(const std::vector<Operand>& lefts, const std::vector<Operand>& rights, const Multiply& multiply) {
  for (const Operand& a : lefts)
    for (const Operand& b : rights) {
      if (!same_bits(multiply(a.view, b.view), multiply(a.copied, b.copied))) {
        INFO(name(a.view.dtype()) << ' ' << a.view.shape().str() << " · " << b.view.shape().str() << ": " << a.layout
                                  << ", " << b.layout);
        CHECK(false);
      }
    }
}

}  // namespace

TEST_CASE("gaps, steps and where the numbers begin never change the bits of a product", "[tensor][matmul]") {
  Numbers random(134);
  struct Sizes {
    std::int64_t m, n, k;
  };
  const std::vector<Sizes> sizes = {{1, 1, 1},     {1, 1, 40},  {1, 9, 40},    {9, 1, 40},   {1, 9, 100},
                                    {9, 1, 100},   {4, 1, 2},   {1, 4, 3},     {7, 1, 2},    {6, 1, 1},
                                    {1, 6, 1},     {5, 7, 1},   {2, 3, 4},     {8, 8, 16},   {16, 16, 64},
                                    {33, 17, 100}, {3, 2, 100}, {1, 35, 1100}, {35, 1, 1100}};
  for (DType dtype : {DType::f32, DType::f64})
    for (const Sizes& s : sizes) {
      const Tensor bias = to(random.uniform({s.n}), dtype), start = to(random.uniform({s.m, s.n}), dtype);
      const auto lefts = operands(to(random.uniform({s.m, s.k}), dtype)),
                 rights = operands(to(random.uniform({s.k, s.n}), dtype));
      compare(lefts, rights, [](const Tensor& a, const Tensor& b) { return matmul(a, b); });
      compare(lefts, rights, [&](const Tensor& a, const Tensor& b) { return linear(a, mT(b), bias); });
      compare(lefts, rights, [&](const Tensor& a, const Tensor& b) {
        Tensor y = start.clone();
        add_matmul(y, a, b);
        return y;
      });
    }
  SUCCEED();
}

TEST_CASE("nor those of large products and batches", "[tensor][matmul]") {
  Numbers random(135);
  const auto product = [](const Tensor& a, const Tensor& b) { return matmul(a, b); };
  const auto one = [](const Tensor& x) { return std::vector<Operand>{{x, x, "dense"}}; };
  for (DType dtype : {DType::f32, DType::f64}) {
    struct Shapes {
      Shape a, b;
    };
    for (const Shapes& s : std::vector<Shapes>{{{300, 200}, {200, 257}},
                                               {{1, 800}, {800, 700}},
                                               {{700, 800}, {800, 1}},
                                               {{3, 1, 40}, {3, 40, 9}},
                                               {{3, 9, 40}, {3, 40, 1}},
                                               {{5, 1, 4, 7}, {2, 7, 6}},
                                               {{4, 5, 100}, {100, 3}},
                                               {{1, 5, 100}, {4, 100, 3}}}) {
      const Tensor a = to(random.uniform(s.a), dtype), b = to(random.uniform(s.b), dtype);
      compare(operands(a), one(b), product);
      compare(one(a), operands(b), product);
    }
    // Vectors, which have one axis.
    const Tensor numbers = to(random.uniform({300}), dtype), matrix = to(random.uniform({100, 9}), dtype);
    for (const auto& [begin, step] :
         std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 1}, {1, 1}, {3, 2}, {-1, -3}}) {
      const Tensor x = slice(slice(numbers, 0, begin, to_end, step), 0, 0, 100);
      INFO(name(dtype) << " from " << begin << " on, step " << step);
      CHECK(same_bits(matmul(x, matrix), matmul(x.clone(), matrix)));
      CHECK(same_bits(matmul(mT(matrix), x), matmul(mT(matrix), x.clone())));
      CHECK(same_bits(matmul(x, x), matmul(x.clone(), x.clone())));
    }
  }
}
