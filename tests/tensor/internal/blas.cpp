// The seam to BLAS: panels of both orientations, what it refuses, its threads, and the threads that call it.
#include "heed/tensor/internal/blas.h"

#include <dlfcn.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <limits>
#include <thread>
#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/random/random.h"
#include "heed/tensor/runtime.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/refused.h"

using namespace heed;
using test::Numbers;
using test::refused;

extern "C" {
[[gnu::weak]] void openblas_set_num_threads(int);
[[gnu::weak]] int openblas_get_num_threads();
[[gnu::weak]] int openblas_get_parallel();
[[gnu::weak]] void gotoblas_dynamic_init();
}

namespace {

// A matrix in a wider one, by rows or by columns. What stands around it is NaN.
template <class T>
struct Matrix {
  std::int64_t rows, columns, stride;
  bool transposed;
  std::vector<T> numbers;

  Matrix(Numbers& random, std::int64_t m, std::int64_t n, bool by_columns)
      : rows(m), columns(n), stride((by_columns ? m : n) + random.uniform_int(3)), transposed(by_columns) {
    numbers.assign(static_cast<std::size_t>(stride * (by_columns ? n : m)), std::numeric_limits<T>::quiet_NaN());
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t j = 0; j < n; ++j) at(i, j) = static_cast<T>(random.uniform_int(19) - 9);
  }
  T& at(std::int64_t i, std::int64_t j) {
    return numbers[static_cast<std::size_t>(transposed ? j * stride + i : i * stride + j)];
  }
  MatrixView<T> panel() const { return {numbers.data(), stride, transposed}; }
};

template <class T>
void compare_with_loops(Numbers& random) {
  constexpr std::int64_t sizes[] = {1, 2, 3, 17, 40};
  const T not_a_number = std::numeric_limits<T>::quiet_NaN();
  for (std::int64_t m : sizes)
    for (std::int64_t n : sizes)
      for (std::int64_t k : sizes)
        for (int flags = 0; flags < 4; ++flags)
          for (T beta : {T{0}, T{1}, T{0.5}}) {
            Matrix<T> a(random, m, k, (flags & 1) != 0), b(random, k, n, (flags & 2) != 0), c(random, m, n, false);
            std::vector<T> wanted = c.numbers;
            for (std::int64_t i = 0; i < m; ++i)
              for (std::int64_t j = 0; j < n; ++j) {
                T& place = wanted[static_cast<std::size_t>(i * c.stride + j)];
                place = beta == 0 ? 0 : beta * place;
                for (std::int64_t p = 0; p < k; ++p) place += a.at(i, p) * b.at(p, j);
                if (beta == 0) c.at(i, j) = not_a_number;  // is not read
              }
            const OneBlasThread one_thread;
            gemm(m, n, k, a.panel(), b.panel(), beta, c.numbers.data(), c.stride);
            bool same = true;
            for (std::size_t i = 0; i < wanted.size(); ++i)
              same = same && (c.numbers[i] == wanted[i] || (c.numbers[i] != c.numbers[i] && wanted[i] != wanted[i]));
            INFO(m << " x " << n << " x " << k << ", transposed " << flags << ", beta " << beta);
            CHECK(same);
          }
}

}  // namespace

TEST_CASE("gemm takes panels of both orientations and writes no further", "[tensor][blas]") {
  Numbers random(161);
  compare_with_loops<float>(random);
  compare_with_loops<double>(random);
}

TEST_CASE("while a product runs OpenBLAS has one thread, afterwards the number the program has set", "[tensor][blas]") {
  if (!openblas_get_num_threads || openblas_get_parallel() != 1)
    return;  // another CBLAS, or a count that belongs to each thread, or none
  const int before = openblas_get_num_threads();
  openblas_set_num_threads(3);
  {
    const OneBlasThread outer;
    CHECK(openblas_get_num_threads() == 1);
    {
      const OneBlasThread inner;
      CHECK(openblas_get_num_threads() == 1);
    }
    CHECK(openblas_get_num_threads() == 1);
  }
  CHECK(openblas_get_num_threads() == 3);

  std::atomic<bool> seen_one = false, done = false;
  std::thread watcher([&] {
    while (!seen_one && !done) seen_one = openblas_get_num_threads() == 1;
  });
  const Tensor x = ones({400, 400});  // so large that BLAS multiplies them
  Tensor y = zeros({400, 400});
  const std::vector<std::function<void()>> products = {[&] { matmul(x, x); }, [&] { linear(x, x, ones({400})); },
                                                       [&] { add_matmul(y, x, x); }};
  for (const auto& product : products) {
    product();
    CHECK(openblas_get_num_threads() == 3);
  }
  for (int i = 0; i < 1000 && !seen_one; ++i) matmul(x, x);
  done = true;
  watcher.join();
  CHECK(seen_one);

  {
    const OneBlasThread outer;
    openblas_set_num_threads(2);  // the program's word holds
  }
  CHECK(openblas_get_num_threads() == 2);
  openblas_set_num_threads(before);
}

TEST_CASE("an OpenMP program keeps its number of threads", "[tensor][blas]") {
  if (!openblas_get_parallel || openblas_get_parallel() != 2) return;
  const auto set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
  const auto get = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_max_threads"));
  REQUIRE((set && get));
  const int before = get();
  set(3);
  matmul(ones({30, 30}), ones({30, 30}));
  CHECK(get() == 3);
  set(before);
}

// So many and so large that the calls of many overlap: without a limit OpenBLAS 0.3 ends the process here.
TEST_CASE("more threads than OpenBLAS has buffers may multiply at once", "[tensor][blas]") {
  constexpr std::int64_t n = 320;
  const std::vector<float> a(n * n, 1), b(n * n, 1);
  std::atomic<int> wrong = 0;
  std::atomic<bool> go = false;
  std::vector<std::thread> all;
  for (int i = 0; i < 900; ++i)
    all.emplace_back([&] {
      std::vector<float> c(n * n);
      go.wait(false);
      const OneBlasThread one_thread;
      for (int j = 0; j < 2; ++j) gemm<float>(n, n, n, {a.data(), n, false}, {b.data(), n, false}, 0, c.data(), n);
      wrong += std::ranges::any_of(c, [](float x) { return x != 320; });
    });
  go = true;
  go.notify_all();
  for (std::thread& thread : all) thread.join();
  CHECK(wrong == 0);
}

namespace {
const Tensor before_main = matmul(full({40, 50}, 0.3), full({50, 60}, 0.7));
}

TEST_CASE("a static object may multiply before main, with the same bits", "[tensor][blas]") {
  CHECK(test::same_bits(before_main, matmul(full({40, 50}, 0.3), full({50, 60}, 0.7))));
}

TEST_CASE("a product has the same bits in a thread of the program's own", "[tensor][blas]") {
  Generator generator(3);
  const Tensor a = normal(generator, {300, 401}, 0, 1, DType::f32), b = normal(generator, {401, 203}, 0, 1, DType::f32);
  const Tensor here = matmul(a, b);
  Tensor there;
  std::thread([&] { there = matmul(a, b); }).join();
  CHECK(test::same_bits(here, there));
}

TEST_CASE("BLAS tells what it is", "[tensor][blas]") {
  CHECK_FALSE(blas_description().empty());
#if defined(__x86_64__)
  // On a processor it does not know OpenBLAS falls back to Prescott's kernels; unless asked to, heed does not stay
  // there.
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && !std::getenv("OPENBLAS_CORETYPE") &&
      gotoblas_dynamic_init)
    CHECK(blas_description().find("Prescott") == std::string::npos);
#endif
  if (openblas_get_num_threads) CHECK(blas_description().find("OpenBLAS") == 0);
}

TEST_CASE("sizes beyond 31 bits are refused before anything is touched", "[tensor][blas]") {
  constexpr std::int64_t most = std::numeric_limits<int>::max(), large = most + 1;
  const MatrixView<float> nowhere{nullptr, 1, false}, wide{nullptr, large, false};
  const auto call = [&](std::int64_t m, std::int64_t n, std::int64_t k, const MatrixView<float>& a,
                        const MatrixView<float>& b,
                        std::int64_t stride) { return [=] { gemm<float>(m, n, k, a, b, 0, nullptr, stride); }; };
  CHECK(refused<ShapeError>(call(large, 2, 3, nowhere, nowhere, 2)) ==
        "matmul: BLAS counts to 2^31 - 1, a size or stride is 2147483648 (product [2147483648, 3] · [3, 2])");
  CHECK_THROWS_AS(call(2, large, 3, nowhere, nowhere, 2)(), ShapeError);
  CHECK_THROWS_AS(call(2, 2, large, nowhere, nowhere, 2)(), ShapeError);
  CHECK_THROWS_AS(call(2, 2, 3, wide, nowhere, 2)(), ShapeError);
  CHECK_THROWS_AS(call(2, 2, 3, nowhere, wide, 2)(), ShapeError);
  CHECK_THROWS_AS(call(2, 2, 3, nowhere, nowhere, large)(), ShapeError);
  CHECK_NOTHROW(check_blas_sizes(most, most, most, most));

  // One number shown 2^31 times and more: copies would take 8 GB.
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  const Tensor one = ones({1});
  CHECK_THROWS_AS(matmul(expand(one, {large}), expand(one, {large})), ShapeError);
  CHECK_THROWS_AS(matmul(expand(one, {2, large}), expand(one, {large, 3})), ShapeError);
  CHECK_THROWS_AS(matmul(expand(one, {2, 5, 3, large}), expand(one, {large, 3})), ShapeError);
  CHECK_THROWS_AS(matmul(expand(one, {5, 2, large}), expand(one, {5, large, 3})), ShapeError);
  CHECK_THROWS_AS(matmul(expand(one, {1, 2}), expand(one, {2, large})), ShapeError);
  CHECK_THROWS_AS(linear(expand(one, {2, large}), expand(one, {3, large})), ShapeError);
  CHECK_THROWS_AS(linear(expand(one, {2, large}), expand(one, {3, large}), ones({3})), ShapeError);
  CHECK_THROWS_AS(linear(expand(one, {1, 2}), expand(one, {large, 2}), expand(one, {large})), ShapeError);
  getrusage(RUSAGE_SELF, &after);
  CHECK(after.ru_maxrss - before.ru_maxrss < 200 * 1024);  // KiB
}
