// Element types: their names, sizes, and the step from the run-time value to the C++ type.
#include "heed/tensor/dtype.h"

#include <limits>

#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using test::refused;

TEST_CASE("every dtype has a name, a size and a C++ type", "[tensor][dtype]") {
  CHECK(name(DType::f32) == "f32");
  CHECK(name(DType::f64) == "f64");
  CHECK(name(DType::i64) == "i64");
  CHECK(name(DType::boolean) == "bool");
  CHECK(size_of(DType::f32) == 4);
  CHECK(size_of(DType::f64) == 8);
  CHECK(size_of(DType::i64) == 8);
  CHECK(size_of(DType::boolean) == 1);
  CHECK(is_float(DType::f32));
  CHECK(is_float(DType::f64));
  CHECK_FALSE(is_float(DType::i64));
  CHECK_FALSE(is_float(DType::boolean));
  STATIC_REQUIRE(dtype_of<float>() == DType::f32);
  STATIC_REQUIRE(dtype_of<double>() == DType::f64);
  STATIC_REQUIRE(dtype_of<std::int64_t>() == DType::i64);
  STATIC_REQUIRE(dtype_of<bool>() == DType::boolean);
}

TEST_CASE("dispatch hands over the C++ type and returns what the body returns", "[tensor][dtype]") {
  for (DType dtype : {DType::f32, DType::f64, DType::i64, DType::boolean})
    CHECK(dispatch(dtype, []<class T> { return dtype_of<T>(); }) == dtype);
  for (DType dtype : {DType::f32, DType::f64})
    CHECK(dispatch_float("test", dtype, []<class T> { return dtype_of<T>(); }) == dtype);
}

TEST_CASE("dispatch_float refuses what is not a float, by name", "[tensor][dtype]") {
  int calls = 0;
  const auto visit = [&](DType dtype) { dispatch_float("test", dtype, [&]<class T> { ++calls; }); };
  CHECK(refused<DTypeError>([&] { visit(DType::i64); }) == "test: dtype is i64, expected f32 or f64");
  CHECK(refused<DTypeError>([&] { visit(DType::boolean); }) == "test: dtype is bool, expected f32 or f64");
  CHECK(calls == 0);
}

TEST_CASE("two dtypes must be equal", "[tensor][dtype]") {
  for (DType lhs : {DType::f32, DType::f64, DType::i64, DType::boolean})
    for (DType rhs : {DType::f32, DType::f64, DType::i64, DType::boolean})
      if (lhs == rhs)
        CHECK_NOTHROW(check_same_dtype("test", lhs, rhs));
      else
        CHECK_THROWS_AS(check_same_dtype("test", lhs, rhs), DTypeError);
  CHECK(refused<DTypeError>([] { check_same_dtype("test", DType::f32, DType::boolean); }) ==
        "test: dtypes differ: lhs f32, rhs bool");
}

TEST_CASE("every number converts to every element type", "[tensor][dtype]") {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max(),
                         least = std::numeric_limits<std::int64_t>::min();
  constexpr double infinity = std::numeric_limits<double>::infinity(), none = std::numeric_limits<double>::quiet_NaN();
  CHECK(convert<std::int64_t>(2.9) == 2);
  CHECK(convert<std::int64_t>(-2.9f) == -2);
  CHECK(convert<std::int64_t>(0x1p62) == std::int64_t{1} << 62);
  CHECK(convert<std::int64_t>(0x1p63) == most);
  CHECK(convert<std::int64_t>(0x1p63f) == most);
  CHECK(convert<std::int64_t>(0x1.fffffffffffffp62) == 9223372036854774784);
  CHECK(convert<std::int64_t>(-0x1p63) == least);
  CHECK(convert<std::int64_t>(-0x1.0000000000001p63) == least);
  CHECK(convert<std::int64_t>(infinity) == most);
  CHECK(convert<std::int64_t>(-infinity) == least);
  CHECK(convert<std::int64_t>(none) == 0);
  CHECK(convert<bool>(none));
  CHECK(convert<bool>(0.5));
  CHECK_FALSE(convert<bool>(-0.0));
  CHECK(convert<float>(1e300) == std::numeric_limits<float>::infinity());
  CHECK(convert<double>(most) == 0x1p63);
  CHECK(convert<std::int64_t>(true) == 1);
}
