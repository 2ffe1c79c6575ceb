#include "heed/tensor/check_shapes.h"

#include <string>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "support/catch.h"

using namespace heed;

namespace {

template <class F>
std::string refusal(F&& f) {
  try {
    f();
  } catch (const ShapeError& error) {
    return error.what();
  }
  return "accepted";
}

Sizes check_gru(const Tensor& x, const Tensor& h, const Tensor& weight, const Tensor& bias = {}) {
  return check_shapes(
      "gru",
      {{"input_gates", x, "B 3H"}, {"h", h, "B H"}, {"weight", weight, "3H H"}, {"bias", bias, "3H", true}});
}

}  // namespace

TEST_CASE("shapes that fit give the size of every letter", "[check_shapes]") {
  const Sizes size = check_gru(zeros({2, 12}), zeros({2, 4}), zeros({12, 4}), zeros({12}));
  CHECK(size['B'] == 2);
  CHECK(size['H'] == 4);
  CHECK(size['K'] == -1);
  CHECK(check_shapes("f", {{"x", zeros({5, 6}), "B 3H"}})['H'] == 2);  // from a multiple alone
  CHECK(check_shapes("f", {{"x", zeros({7, 2, 3}), ".. K"}, {"y", zeros({3}), ".. K"}})['K'] == 3);
  CHECK(check_shapes("f", {{"x", zeros({0, 0}), "B 3H"}, {"y", zeros({0}), "H"}})['H'] == 0);
  check_shapes("f", {{"x", zeros({}), ""}, {"y", zeros({1, 4}), "1 4"}, {"z", zeros({2, 2}), ".."}});
}

TEST_CASE("a letter with two sizes is refused with both and where they came from", "[check_shapes]") {
  CHECK(refusal([] { check_gru(zeros({2, 12}), zeros({3, 4}), zeros({12, 4})); }) ==
        "gru: B differs: input_gates axis -2 = 2, h axis -2 = 3: input_gates [2, 12], h [3, 4], weight [12, 4]; "
        "expected [B, 3H], [B, H], [3H, H]");
  CHECK(refusal([] { check_gru(zeros({2, 10}), zeros({2, 4}), zeros({12, 4})); }) ==
        "gru: 3H differs: h axis -1 gives 3·4 = 12, input_gates axis -1 = 10: input_gates [2, 10], h [2, 4], "
        "weight [12, 4]; expected [B, 3H], [B, H], [3H, H]");
  CHECK(refusal([] {
          check_gru(zeros({2, 12}), zeros({2, 4}), zeros({12, 4}), zeros({11}));
        }).find("bias axis -1 = 11") != std::string::npos);
  CHECK(refusal([] { check_shapes("linear", {{"x", zeros({2, 3, 5}), ".. I"}, {"weight", zeros({4, 6}), "O I"}}); }) ==
        "linear: I differs: x axis -1 = 5, weight axis -1 = 6: x [2, 3, 5], weight [4, 6]; expected [.., I], [O, I]");
}

TEST_CASE("numbers, multiples, ranks and undefined operands are refused", "[check_shapes]") {
  CHECK(refusal([] { check_shapes("f", {{"x", zeros({2, 7}), "B 3H"}}); }) ==
        "f: x axis -1 = 7 is no multiple of 3: x [2, 7]; expected [B, 3H]");
  CHECK(refusal([] { check_shapes("f", {{"x", zeros({2, 7}), "B 1"}}); }) ==
        "f: x axis -1 = 7, not 1: x [2, 7]; expected [B, 1]");
  CHECK(refusal([] { check_shapes("f", {{"x", zeros({2, 7}), "B"}}); }) ==
        "f: x has rank 2, expected 1: x [2, 7]; expected [B]");
  CHECK(refusal([] { check_shapes("f", {{"x", zeros({}), ".. B"}}); }) ==
        "f: x has rank 0, expected at least 1: x []; expected [.., B]");
  CHECK(refusal([] { check_shapes("f", {{"x", Tensor(), "B"}}); }) == "f: x is undefined; expected [B]");
  CHECK(refusal([] { check_shapes("f", {{"x", Tensor(), "B", true}}); }) == "accepted");
}
