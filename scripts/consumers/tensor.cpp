// What a program may rely on whatever flags its project sets: exceptions, and NaN in, NaN out. Exit status 0 when so.
#include <bit>
#include <cstdint>
#include <cstdio>
#include <limits>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/reduce.h"
#include "heed/tensor/ops/softmax.h"

using namespace heed;

namespace {

// By its bits: this file may be compiled with -ffast-math, which believes that there is no NaN.
bool is_nan(double x) { return (std::bit_cast<std::uint64_t>(x) << 1) > (std::uint64_t{0x7FF} << 53); }

bool check(const char* what, bool right) {
  if (!right) std::fprintf(stderr, "wrong: %s\n", what);
  return right;
}

bool throws_shape_error() {
  try {
    matmul(zeros({2, 3}), zeros({4, 5}));
  } catch (const ShapeError&) {
    return true;
  }
  return false;
}

}  // namespace

int main() {
  const double nan = std::bit_cast<double>(std::uint64_t{0x7FF8} << 48);
  const Tensor x = tensor({1, nan, 2}, {3});
  const Tensor strided = tensor({1, 0, nan, 0, 2, 0}, {3, 2});
  bool right = check("a product", matmul(full({2, 3}, 2), full({3, 2}, 5)).data<float>()[3] == 30);
  right &= check("ShapeError", throws_shape_error());
  right &= check("max keeps NaN", is_nan(max(x, {0}).item()));
  right &= check("max of columns keeps NaN", is_nan(max(strided, {0}).data<float>()[0]));
  right &= check("argmax finds NaN", argmax(x, 0).item() == 1);
  right &= check("softmax keeps NaN", is_nan(sum(softmax(x)).item()));
  right &= check("NaN as an integer is 0", to(x, DType::i64).data<std::int64_t>()[1] == 0);
  return right ? 0 : 1;
}
