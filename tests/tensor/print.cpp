// Tensors as text.
#include "heed/tensor/print.h"

#include <algorithm>
#include <limits>
#include <sstream>

#include "heed/tensor/create.h"
#include "support/catch.h"
#include "support/hostile_locale.h"

using namespace heed;

TEST_CASE("print shows dtype, shape and aligned rows", "[tensor][print]") {
  CHECK(to_string(tensor({1, 2.5, -3, 4, 0, 6}, {2, 3})) ==
        "f32 [2, 3]\n"
        "[[  1, 2.5,  -3],\n"
        " [  4,   0,   6]]");
  CHECK(to_string(arange(3)) == "i64 [3]\n[0, 1, 2]");
  CHECK(to_string(tensor({1, 0}, {2, 1}, DType::boolean)) == "bool [2, 1]\n[[ true],\n [false]]");
}

TEST_CASE("print separates the blocks of more than two axes by blank lines", "[tensor][print]") {
  CHECK(to_string(tensor({1, 2, 3, 4, 5, 6, 7, 8}, {2, 2, 2}, DType::f64)) ==
        "f64 [2, 2, 2]\n"
        "[[[1, 2],\n"
        "  [3, 4]],\n"
        "\n"
        " [[5, 6],\n"
        "  [7, 8]]]");
}

TEST_CASE("print takes scalars, empty and undefined tensors", "[tensor][print]") {
  CHECK(to_string(full({}, 3.5)) == "f32 []\n3.5");
  CHECK(to_string(zeros({0})) == "f32 [0]\n[]");
  CHECK(to_string(zeros({2, 0, 5}, DType::i64)) == "i64 [2, 0, 5]\n[]");
  CHECK(to_string(Tensor()) == "undefined");
}

TEST_CASE("print rounds to six digits and shows what is not finite", "[tensor][print]") {
  const double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(to_string(tensor({1.0 / 3, nan, -infinity, -0.0, 1e-30, 123456789}, {6}, DType::f64)) ==
        "f64 [6]\n[   0.333333,         nan,        -inf,          -0,       1e-30, 1.23457e+08]");
  const std::int64_t large = 9007199254740993;  // not rounded: no double holds it
  CHECK(to_string(tensor(std::span(&large, 1), {1})) == "i64 [1]\n[9007199254740993]");
}

TEST_CASE("print follows any strides", "[tensor][print]") {
  const Tensor x = arange(6);
  const auto view = [&](const Shape& shape, const Strides& strides, std::int64_t offset) {
    return to_string(Tensor(x.storage(), shape, strides, offset, x.dtype()));
  };
  CHECK(view({3, 2}, {1, 3}, 0) == "i64 [3, 2]\n[[0, 3],\n [1, 4],\n [2, 5]]");
  CHECK(view({3}, {-2}, 5) == "i64 [3]\n[5, 3, 1]");
  CHECK(view({2, 3}, {0, 1}, 1) == "i64 [2, 3]\n[[1, 2, 3],\n [1, 2, 3]]");
}

TEST_CASE("print shows the edges of more than 1000 elements", "[tensor][print]") {
  CHECK(to_string(arange(1001)) == "i64 [1001]\n[   0,    1,    2, …,  998,  999, 1000]");
  CHECK(to_string(zeros({7, 200}, DType::i64)) ==
        "i64 [7, 200]\n"
        "[[0, 0, 0, …, 0, 0, 0],\n"
        " [0, 0, 0, …, 0, 0, 0],\n"
        " [0, 0, 0, …, 0, 0, 0],\n"
        " …,\n"
        " [0, 0, 0, …, 0, 0, 0],\n"
        " [0, 0, 0, …, 0, 0, 0],\n"
        " [0, 0, 0, …, 0, 0, 0]]");
  CHECK(to_string(zeros({2, 6, 100})).find("…,\n") == std::string::npos);  // an axis of six is shown whole
}

TEST_CASE("print shows 1000 elements whole, in lines of at most 100 columns", "[tensor][print]") {
  std::istringstream text(to_string(arange(1000)));
  std::string line, numbers;
  std::getline(text, line);
  int lines = 0;
  while (std::getline(text, line)) {
    CHECK(line.size() <= 100);
    numbers += line;
    ++lines;
  }
  CHECK(lines == 50);  // 20 numbers of 3 digits in a line
  CHECK(std::count(numbers.begin(), numbers.end(), ',') == 999);
  CHECK(numbers.ends_with("998, 999]"));
}

TEST_CASE("print leaves room for the brackets at a line's end", "[tensor][print]") {
  std::string row;
  for (int i = 0; i < 31; ++i) row += "0, ";
  CHECK(to_string(zeros({1, 32})) == "f32 [1, 32]\n[[" + row + "0]]");
  CHECK(to_string(zeros({1, 33})) == "f32 [1, 33]\n[[" + row + "0,\n  0]]");
}

TEST_CASE("print writes to streams, and no locale changes a digit", "[tensor][print]") {
  const Tensor x = tensor({1234.5, 1234567, 0.25, 1}, {2, 2}, DType::f64);
  const std::string expected = to_string(x), flags = to_string(ones({1}, DType::boolean)),
                    index = to_string(arange(2000));
  const test::HostileLocale locale;
  std::ostringstream stream;
  stream << 1234.5 << ' ' << x;
  CHECK(stream.str() == "1.23.4,5 " + expected);
  CHECK(to_string(ones({1}, DType::boolean)) == flags);
  CHECK(to_string(arange(2000)) == index);
}
