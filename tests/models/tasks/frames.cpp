#include "heed/models/tasks/frames.h"

#include <algorithm>

#include "heed/tensor/error.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using models::FramesBatch, models::make_frames;

namespace {

std::int64_t at(const Tensor& x, std::int64_t b, std::int64_t i) { return x.data<std::int64_t>()[b * x.size(1) + i]; }

// The symbol that frames first … first + count - 1 of example b sound like most.
std::int64_t heard(const FramesBatch& batch, std::int64_t b, std::int64_t first, std::int64_t count) {
  return argmax(mean(slice(select(batch.frames, 0, b), 0, first, first + count), Axes{0}), 0).item<std::int64_t>();
}

}  // namespace

TEST_CASE("frames: each symbol sounds in frames of its own, one after the other", "[tasks]") {
  Generator generator(1);
  constexpr std::int64_t B = 600, U = 5;
  const FramesBatch batch = make_frames({.length = U}, B, generator);
  std::vector<int> symbols(8), counts(6);
  double one = 0, all = 0, middle = 0, begin = 0;
  int wrong = 0, again = 0;
  for (std::int64_t b = 0; b < B; ++b) {
    std::int64_t next = 0;
    for (std::int64_t u = 0; u < U; ++u) {
      const std::int64_t symbol = at(batch.symbols, b, u), first = at(batch.first, b, u), n = at(batch.count, b, u);
      wrong += first != next;
      next = first + n;
      ++symbols.at(to_size(symbol));
      ++counts.at(to_size(n));
      again += u > 0 && symbol == at(batch.symbols, b, u - 1);
      one += heard(batch, b, first, 1) == symbol;
      all += heard(batch, b, first, n) == symbol;
      middle += heard(batch, b, (2 * u + 1) * batch.lengths[to_size(b)] / (2 * U), 1) == symbol;
      begin += heard(batch, b, u * batch.lengths[to_size(b)] / U, 1) == symbol;
    }
    wrong += next != batch.lengths[to_size(b)];
    if (next < batch.frames.size(1)) wrong += norm(slice(select(batch.frames, 0, b), 0, next, to_end)) != 0;
  }
  CHECK(wrong == 0);
  CHECK(batch.frames.size(1) == *std::ranges::max_element(batch.lengths));
  CHECK(*std::ranges::min_element(symbols) > 310);
  CHECK(std::ranges::count(counts, 0) == 2);
  CHECK(*std::min_element(counts.begin() + 2, counts.end()) > 660);
  CHECK(again > 240);  // one of eight
  CHECK(one / (B * U) > 0.92);
  CHECK(one / (B * U) < 0.97);
  CHECK(all / (B * U) > 0.985);
  CHECK(middle / (B * U) == Approx(0.87).margin(0.02));
  CHECK(begin / (B * U) == Approx(0.635).margin(0.03));
}

TEST_CASE("frames for synthesis have no noise and a length that the symbols tell", "[tasks]") {
  Generator generator(2);
  const FramesBatch batch = make_frames(models::tones, 50, generator);
  for (std::int64_t b = 0; b < 50; ++b)
    for (std::int64_t u = 0; u < 8; ++u) {
      const std::int64_t symbol = at(batch.symbols, b, u), n = at(batch.count, b, u);
      CHECK(n == 2 + symbol % 4);
      for (std::int64_t f = 0; f < n; ++f)
        for (std::int64_t k = 0; k < 8; ++k)
          CHECK(select(select(select(batch.frames, 0, b), 0, at(batch.first, b, u) + f), 0, k).item() == (k == symbol));
    }
}

TEST_CASE("frames: one seed, one batch; what is refused", "[tasks]") {
  Generator a(3), b(3), c(4);
  const FramesBatch first = make_frames({}, 4, a);
  CHECK(test::same_bits(first.frames, make_frames({}, 4, b).frames));
  CHECK_FALSE(test::same_bits(first.symbols, make_frames({}, 4, c).symbols));
  CHECK(make_frames({.dtype = DType::f64}, 1, a).frames.dtype() == DType::f64);
  CHECK(make_frames({}, 0, a).frames.shape() == Shape{0, 0, 8});
  CHECK(make_frames({.length = 0}, 2, a).frames.shape() == Shape{2, 0, 8});
  CHECK_THROWS_AS(make_frames({}, -1, a), ShapeError);
  CHECK_THROWS_AS(make_frames({.symbols = 0}, 1, a), ShapeError);
  CHECK_THROWS_AS(make_frames({.length = -1}, 1, a), ShapeError);
  CHECK_THROWS_AS(make_frames({.shortest = 0}, 1, a), ShapeError);
  CHECK_THROWS_AS(make_frames({.shortest = 6}, 1, a), ShapeError);
  CHECK_THROWS_AS(make_frames({.noise = -1}, 1, a), Error);
  CHECK_THROWS_AS(make_frames({.noise = 1 / 0.0}, 1, a), Error);
  CHECK_THROWS_AS(make_frames({.dtype = DType::i64}, 1, a), DTypeError);
}
