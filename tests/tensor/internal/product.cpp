// Who computes a product, and what set_reproducible changes: nothing but the bits of the largest.
#include "heed/tensor/internal/product.h"

#include "heed/tensor/create.h"
#include "heed/tensor/internal/tiles.h"
#include "heed/tensor/kernels/product.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/runtime.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/reproducible.h"
#include "support/thread_count.h"

using namespace heed;
using test::all_layouts;
using test::laid_out;
using test::Layout;
using test::Numbers;
using test::Reproducible;
using test::same_bits;

namespace {

// The product by heed's kernel, whole.
Tensor by_kernel(const Tensor& a, const Tensor& b) {
  const std::int64_t m = a.size(0), k = a.size(1), n = b.size(1);
  Tensor y = empty({m, n});
  const kernels::StridedMatrix<float> left{a.data<float>(), k, 1}, right{b.data<float>(), n, 1};
  const auto& kernel = kernels::product().of<float>();
  Tensor space = empty({static_cast<std::int64_t>(kernel.workspace(to_size(m), to_size(n), to_size(k), left, right))});
  kernel.product(to_size(m), to_size(n), to_size(k), left, right, 0, y.mutable_data<float>(), n,
                 space.mutable_data<float>());
  return y;
}

}  // namespace

TEST_CASE("products that are not large come from heed's kernel, cut for any number of threads", "[tensor][product]") {
  Numbers random(181);
  for (const auto& [m, n, k] : {std::array<std::int64_t, 3>{2, 2, 1},
                                {255, 300, 385},
                                {300, 255, 385},
                                {256, 256, 384},
                                {32, 1024, 256},
                                {1000, 40, 70},
                                {700, 700, 100}}) {
    const Tensor a = to(random.uniform({m, k}), DType::f32), b = to(random.uniform({k, n}), DType::f32);
    const Tensor wanted = by_kernel(a, b);
    for (int count : {1, 2, 3, 7}) {
      const test::ThreadCount threads(count);
      INFO(m << " x " << n << " x " << k << ", " << count << " threads");
      CHECK(same_bits(matmul(a, b), wanted));
      CHECK(same_bits(matmul(mT(mT(a).clone()), laid_out(b, Layout::sliced)), wanted));
    }
  }
}

TEST_CASE("in a stack every matrix is multiplied as if alone", "[tensor][product]") {
  Numbers random(182);
  for (std::int64_t count : {1, 2, 3, 50})
    for (std::int64_t size : {5, 20, 120}) {
      const Tensor a = to(random.uniform({count, size, 30}), DType::f32),
                   b = to(random.uniform({30, size + 7}), DType::f32);
      const test::ThreadCount threads(3);
      const Tensor y = matmul(a, expand(b, {count, 30, size + 7}));
      for (std::int64_t i = 0; i < count; ++i) CHECK(same_bits(select(y, 0, i).clone(), by_kernel(select(a, 0, i), b)));
    }
}

TEST_CASE("when reproducible, the largest products come from heed's kernel too", "[tensor][product]") {
  CHECK_FALSE(reproducible());
  Numbers random(183);
  const Tensor a = to(random.uniform({300, 500}), DType::f32), b = to(random.uniform({500, 270}), DType::f32);
  const Tensor usual = matmul(a, b), wanted = by_kernel(a, b);
  {
    const Reproducible on(true);
    CHECK(reproducible());
    for (Layout left : all_layouts)
      for (Layout right : all_layouts)
        for (int count : {1, 2, 3}) {
          const test::ThreadCount threads(count);
          CHECK(same_bits(matmul(laid_out(a, left), laid_out(b, right)), wanted));
        }
    for (std::int64_t m : {2, 3, 100, 299})  // a row does not depend on how many there are
      CHECK(same_bits(matmul(slice(a, 0, 0, m), b), slice(wanted, 0, 0, m).clone()));
    Tensor y = zeros({300, 270});
    add_matmul(y, a, b);
    CHECK(test::difference(y, test::to_array(wanted), 4, 500) == "");
  }
  CHECK_FALSE(reproducible());
  CHECK(same_bits(matmul(a, b), usual));
  CHECK(test::difference(usual, test::to_array(wanted), 4, 500) == "");
}

TEST_CASE("the tiles of a product cover it once", "[tensor][product]") {
  const auto covers = [](const Grid& grid, std::int64_t m, std::int64_t n) {
    std::int64_t rows = 0, columns = 0;
    for (std::int64_t i = 0; i < grid.down; ++i) rows += grid.height(i * grid.rows, m);
    for (std::int64_t j = 0; j < grid.across; ++j) columns += grid.breadth(j * grid.columns, n);
    return rows == m && columns == n && grid.height((grid.down - 1) * grid.rows, m) > 0 &&
           grid.breadth((grid.across - 1) * grid.columns, n) > 0;
  };
  for (std::int64_t m : {1, 2, 47, 48, 49, 96, 97, 256, 257, 513, 1025, 5000})
    for (std::int64_t n : {1, 2, 63, 64, 65, 128, 129, 256, 257, 513, 1025, 5000}) {
      INFO(m << " x " << n);
      if (m >= 256 && n >= 256) CHECK(covers(BlasTiles(m, n), m, n));
      for (std::int64_t threads : {1, 2, 3, 7, 64})
        for (std::int64_t count : {1, 2, 5, 1000}) {
          const FreeTiles tiles(m, n, 700, count, threads);
          CHECK(covers(tiles, m, n));
          CHECK((tiles.chunks - 1) * tiles.grain < count * tiles.down * tiles.across);
          CHECK(tiles.chunks * tiles.grain >= count * tiles.down * tiles.across);
          CHECK(tiles.chunks <= 8 * threads);
        }
    }
}
