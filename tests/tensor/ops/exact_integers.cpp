// i64 beyond 2^53, where a double would round: beside C++ numbers, in and out of tensors.
#include <cstdint>
#include <limits>

#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/reduce.h"
#include "heed/tensor/print.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using test::refused;

namespace {

constexpr std::int64_t odd = 9007199254740993;  // 2^53 + 1
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max(),
                       least = std::numeric_limits<std::int64_t>::min();

Tensor number(std::int64_t value) { return full({}, value, DType::i64); }
std::int64_t read(const Tensor& x) { return x.item<std::int64_t>(); }

}  // namespace

TEST_CASE("integers stand beside i64 without rounding", "[tensor][exact_integers]") {
  const Tensor x = number(odd);
  CHECK(read(x) == odd);
  CHECK(read(x - odd) == 0);
  CHECK(read(odd - x) == 0);
  CHECK(read(x + 2) == odd + 2);
  CHECK(read(1 * x) == odd);
  CHECK((equal(x, odd).item<bool>() && !equal(x, odd - 1).item<bool>()));
  CHECK((x > odd - 1).item<bool>());
  CHECK(!(x > odd).item<bool>());
  CHECK(read(maximum(x, odd + 1)) == odd + 1);
  CHECK(read(minimum(x, odd + 1)) == odd);
  CHECK(read(where(full({}, true, DType::boolean), odd, number(0))) == odd);
  CHECK(read(number(most) - most) == 0);
  CHECK(read(number(least) - least) == 0);
  CHECK(read(tensor({odd}, {}, DType::i64)) == odd);
  Tensor y = zeros({2}, DType::i64);
  fill(y, odd);
  CHECK(read(sum(y)) == 2 * odd);
  CHECK(to_string(y) == "i64 [2]\n[9007199254740993, 9007199254740993]");
  CHECK(read(scalar_like(y, odd)) == odd);
}

TEST_CASE("neg, abs, max and argmax of i64 are exact", "[tensor][exact_integers]") {
  const Tensor x = tensor({odd - 1, odd, -odd}, {3}, DType::i64);
  CHECK(read(max(x)) == odd);
  CHECK(read(argmax(x, 0)) == 1);
  CHECK(read(sum(-x)) == 1 - odd);
  CHECK(read(max(abs(x))) == odd);
  CHECK(read(-number(least)) == least);  // wraps around, as sub does
  CHECK(read(max(tensor({least, least}, {2}, DType::i64))) == least);
  CHECK(refused<ShapeError>([] { max(zeros({2, 0}, DType::i64), 1); }) ==
        "max: no i64 is the largest of none, shape is [2, 0]");
  CHECK(max(zeros({0, 2}, DType::i64), 1).shape() == Shape{0});
}

TEST_CASE("item gives what its type holds, or an error", "[tensor][exact_integers]") {
  CHECK(number(odd - 1).item() == 0x1p53);
  CHECK(number(most - 1023).item() == 0x1.fffffffffffffp62);
  CHECK(number(least).item() == -0x1p63);
  CHECK(full({}, 2.5).item<float>() == 2.5f);
  CHECK(full({}, 3).item<int>() == 3);
  CHECK(full({}, true, DType::boolean).item<bool>());
  CHECK(full({}, 7, DType::i64).item<std::uint8_t>() == 7);
  CHECK(full({}, -0x1p63, DType::f64).item<std::int64_t>() == least);
  CHECK(refused<DTypeError>([] { number(odd).item(); }) ==
        "item: i64 9007199254740993 has more digits than a number of 53 bits; item<std::int64_t>() is exact");
  CHECK_THROWS_AS(number(most).item(), DTypeError);
  CHECK_THROWS_AS(number((1 << 24) + 1).item<float>(), DTypeError);
  CHECK(refused<DTypeError>([] { full({}, 2.5).item<int>(); }) ==
        "item: f32 2.5 is not an integer from -2147483648 to 2147483647");
  CHECK_THROWS_AS(number(256).item<std::uint8_t>(), DTypeError);
  CHECK_THROWS_AS(number(-1).item<std::uint64_t>(), DTypeError);
  CHECK_THROWS_AS(number(2).item<bool>(), DTypeError);
  CHECK_THROWS_AS(full({}, 0x1p63, DType::f64).item<std::int64_t>(), DTypeError);
  CHECK_THROWS_AS(full({}, std::numeric_limits<double>::quiet_NaN()).item<int>(), DTypeError);
}

TEST_CASE("a number that i64 cannot hold is refused", "[tensor][exact_integers]") {
  CHECK(refused<DTypeError>([] { number(0) + std::numeric_limits<std::uint64_t>::max(); }) ==
        "like: 1.8446744073709552e+19 is not of dtype i64");
  CHECK(read(number(0) + std::uint64_t{7}) == 7);
  CHECK(read(number(1) * -3LL) == -3);
  CHECK_THROWS_AS(number(1) + 0.5, DTypeError);
  CHECK(read(number(1) + 2.0) == 3);
}

TEST_CASE("an integer beside f32 is rounded once", "[tensor][exact_integers]") {
  constexpr std::int64_t between = (std::int64_t{1} << 61) + (std::int64_t{1} << 37) + 1;  // above a tie of f32
  CHECK(full({}, between).item() == 0x1.000002p61);                                        // by way of a double: 2^61
}
