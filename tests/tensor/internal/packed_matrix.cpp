// A packed matrix multiplies as the matrix does that it was packed from, to the bit.
#include "heed/tensor/internal/packed_matrix.h"

#include <limits>

#include "heed/tensor/create.h"
#include "heed/tensor/internal/product.h"
#include "heed/tensor/kernels/target.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/refused.h"
#include "support/thread_count.h"

using namespace heed;
using test::all_layouts;
using test::laid_out;
using test::Layout;
using test::Numbers;
using test::refused;
using test::same_bits;

namespace {

template <class T>
void compare(Numbers& random, std::int64_t m, std::int64_t n, std::int64_t k) {
  const Tensor a = to(random.uniform({m, k}), dtype_of<T>()), b = to(random.uniform({k, n}), dtype_of<T>()),
               start = to(random.uniform({m, n}), dtype_of<T>());
  for (T beta : {T{0}, T{1}, T{0.5}}) {
    Tensor wanted = start.clone();
    multiply<T>("test", a, b, beta, wanted);
    for (Layout layout : all_layouts) {
      const PackedMatrix packed("test", laid_out(b, layout));
      for (Layout left : all_layouts)
        for (int count : {1, 2, 3}) {
          const test::ThreadCount threads(count);
          Tensor y = beta == 0 ? full({m, n}, std::numeric_limits<double>::quiet_NaN(), dtype_of<T>()) : start.clone();
          multiply<T>("test", laid_out(a, left), packed, beta, y);
          INFO(m << " x " << n << " x " << k << ", " << name(dtype_of<T>()) << ", beta " << beta);
          CHECK(same_bits(y, wanted));
        }
    }
  }
}

}  // namespace

TEST_CASE("a packed matrix multiplies like the matrix, to the bit", "[tensor][product]") {
  Numbers random(171);
  for (const auto& [m, n, k] : {std::array<std::int64_t, 3>{2, 3, 4}, {32, 100, 70}, {33, 257, 390}, {150, 130, 50}}) {
    compare<float>(random, m, n, k);
    compare<double>(random, m, n, k);
  }
}

TEST_CASE("a row of a packed product does not depend on how many rows there are", "[tensor][product]") {
  Numbers random(172);
  const Tensor a = to(random.uniform({40, 500}), DType::f32);
  const PackedMatrix b("test", to(random.uniform({500, 90}), DType::f32));
  Tensor all = empty({40, 90});
  multiply<float>("test", a, b, 0, all);
  for (std::int64_t m : {1, 2, 5, 13}) {
    Tensor part = empty({m, 90});
    multiply<float>("test", slice(a, 0, 40 - m, 40), b, 0, part);
    CHECK(same_bits(part, slice(all, 0, 40 - m, 40).clone()));
  }
}

TEST_CASE("a packed matrix is a copy, and stays readable under other instructions", "[tensor][product]") {
  Tensor b = ones({70, 40});
  const PackedMatrix packed("test", b);
  fill(b, 5);
  const std::string chosen = kernels::simd_target();
  for (const std::string& target : kernels::simd_targets()) {
    kernels::use_simd_target(target);
    Tensor y = empty({9, 40});
    multiply<float>("test", ones({9, 70}), packed, 0, y);
    CHECK(same_bits(y, full({9, 40}, 70)));
  }
  kernels::use_simd_target(chosen);
}

TEST_CASE("packed matrices without rows or columns", "[tensor][product]") {
  Tensor y = full({3, 4}, 2), none = empty({3, 0});
  const PackedMatrix flat("test", empty({0, 4})), narrow("test", empty({5, 0}));
  multiply<float>("test", empty({3, 0}), flat, 1, y);
  CHECK(same_bits(y, full({3, 4}, 2)));
  multiply<float>("test", empty({3, 0}), flat, 0, y);
  CHECK(same_bits(y, zeros({3, 4})));
  multiply<float>("test", ones({3, 5}), narrow, 0, none);
  CHECK((narrow.rows() == 5 && narrow.columns() == 0 && flat.dtype() == DType::f32));
}

TEST_CASE("a large packed product goes into rows with gaps, whole on every number of threads", "[tensor][product]") {
  Numbers numbers(9);
  const Tensor a = to(numbers.uniform({150, 700}), DType::f32), b = to(numbers.uniform({700, 690}), DType::f32);
  Tensor first;
  for (int count : {1, 2, 3}) {
    const test::ThreadCount threads(count);
    Tensor all = full({150, 3, 690}, 7), y = select(all, 1, 1);
    multiply<float>("test", a, PackedMatrix("test", b), 0, y);
    CHECK(same_bits(select(all, 1, 0).clone(), full({150, 690}, 7)));
    CHECK(same_bits(select(all, 1, 2).clone(), full({150, 690}, 7)));
    if (count == 1)
      first = y.clone();
    else
      CHECK(same_bits(y.clone(), first));
  }
  CHECK(test::difference(first, test::to_array(matmul(to(a, DType::f64), to(b, DType::f64))), 64, 50) == "");
}

TEST_CASE("what cannot be packed is refused", "[tensor][product]") {
  CHECK(refused<ShapeError>([] { PackedMatrix("gru", ones({2, 3, 4})); }) ==
        "gru: matrix [2, 3, 4] has rank 3, expected 2");
  CHECK(refused<DTypeError>([] { PackedMatrix("gru", ones({2, 3}, DType::i64)); }) ==
        "gru: dtype is i64, expected f32 or f64");
  CHECK(refused<DTypeError>([] { PackedMatrix("gru", Tensor()); }) == "gru: matrix is undefined");
}
