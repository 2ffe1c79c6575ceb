// Numbers spread over pairs by distance, and added up again: both and their gradients, by plain loops.
#include "heed/nn/internal/by_distance.h"

#include "heed/autograd/inspect/gradcheck.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/thread_count.h"

using namespace heed;
using nn::ClippedDistances;

namespace {

constexpr ClippedDistances cases[] = {{1, 0, 5}, {2, 2, 7}, {3, -4, 4}, {9, 1, 3}, {2, 40, 6}, {2, -40, 6}, {1, 0, 0}};

std::int64_t number(const ClippedDistances& at, std::int64_t t, std::int64_t s) {
  return std::max(-at.clip, std::min(at.clip, s - (at.first + t))) + at.clip;
}

}  // namespace

TEST_CASE("numbers are spread by distance, and added up", "[nn][positions]") {
  test::Numbers numbers(1);
  for (const ClippedDistances& at : cases)
    for (const test::Layout layout : test::all_layouts) {
      const Tensor few = test::laid_out(numbers.uniform({2, 2, 3, 2 * at.clip + 1}), layout),
                   all = test::laid_out(numbers.uniform({2, 2, 3, at.keys}), layout);
      const test::Array from_few = test::to_array(few), from_all = test::to_array(all);
      test::Array spread(all.shape()), sums(few.shape());
      for (const test::Index& i : test::indices(all.shape())) {
        const test::Index one{i[0], i[1], i[2], number(at, i[2], i[3])};
        spread[i] = from_few[one];
        sums[one] += from_all[i];
      }
      CHECK(test::difference(nn::spread_by_distance(Variable(few), at).value(), spread, 0) == "");
      CHECK(test::difference(nn::sum_by_distance(Variable(all), at).value(), sums, 0) == "");
    }
}

TEST_CASE("gradients of numbers by distance", "[nn][positions]") {
  test::Numbers numbers(2);
  for (const ClippedDistances& at : cases) {
    const std::vector<Tensor> few{numbers.uniform({1, 2, 3, 2 * at.clip + 1})},
        all{numbers.uniform({1, 2, 3, at.keys})};
    const auto spread = [&](const auto& x) { return nn::spread_by_distance(x[0] * x[0], at); };
    const auto sums = [&](const auto& x) { return nn::sum_by_distance(x[0] * x[0], at); };
    CHECK(gradcheck(spread, few) == "");
    CHECK(gradcheck(sums, all) == "");
    CHECK(gradcheck_twice(spread, few) == "");
    CHECK(gradcheck_twice(sums, all) == "");
  }
}

TEST_CASE("sums by distance do not lose small numbers, for any number of threads", "[nn][positions]") {
  const std::int64_t keys = 20'000;
  const Tensor x = full({1, 2, 3, keys}, 0.1f);  // added up in f32 they are off by more
  const test::ThreadCount one(1);
  const Tensor sums = nn::sum_by_distance(Variable(x), {1, 0, keys}).value();
  const double wanted = static_cast<double>(0.1f) * static_cast<double>(keys - 1);
  CHECK(std::abs(test::to_array(sums)[{0, 0, 0, 2}] - wanted) < 1e-7 * wanted);
  const test::ThreadCount four(4);
  CHECK(test::same_bits(nn::sum_by_distance(Variable(x), {1, 0, keys}).value(), sums));
}
