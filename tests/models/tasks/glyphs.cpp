#include "heed/models/tasks/glyphs.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "heed/tensor/error.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::models;

namespace {

const std::int64_t* box(const GlyphBatch& batch, std::int64_t b) { return batch.boxes.data<std::int64_t>() + 4 * b; }

// What stands in the box, every `scale`-th dot.
std::string inside(const GlyphBatch& batch, std::int64_t b, std::int64_t scale) {
  const std::int64_t C = batch.images.size(2);
  const float* const image = batch.images.data<float>() + b * C * C;
  std::string dots;
  for (std::int64_t r = 0; r < box(batch, b)[2]; r += scale)
    for (std::int64_t c = 0; c < box(batch, b)[3]; c += scale)
      dots += image[(box(batch, b)[0] + r) * C + box(batch, b)[1] + c] > 0 ? '#' : '.';
  return dots;
}

// How often the likeliest digit of an image's number of dots is the right one, over all images.
double by_counting(const GlyphsConfig& config) {
  Generator generator(5);
  constexpr std::int64_t B = 4000;
  const GlyphBatch batch = draw_glyphs(config, B, generator);
  std::map<double, std::map<std::int64_t, int>> labels;
  for (std::int64_t b = 0; b < B; ++b)
    ++labels[sum(select(batch.images, 0, b)).item()][batch.labels.data<std::int64_t>()[b]];
  double right = 0;
  for (const auto& [dots, counts] : labels)
    right += std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; })->second;
  return right / B;
}

}  // namespace

TEST_CASE("glyphs: ten different digits of 7 rows", "[tasks]") {
  std::set<std::string_view> all;
  for (std::int64_t digit = 0; digit < 10; ++digit) {
    CHECK(std::ssize(glyph(digit)) == glyph_rows * glyph_columns);
    CHECK(glyph(digit).find_first_not_of("#.") == std::string_view::npos);
    all.insert(glyph(digit));
  }
  CHECK(all.size() == 10);
  CHECK(glyph(1) == "..#...##....#....#....#....#...###.");
  CHECK_THROWS_AS(glyph(-1), IndexError);
  CHECK_THROWS_AS(glyph(10), IndexError);
}

TEST_CASE("glyphs: the digit stands in its box, whole and anywhere", "[tasks]") {
  Generator generator(1);
  constexpr std::int64_t B = 3000;
  for (const std::int64_t scale : {1, 2}) {
    const GlyphBatch batch = draw_glyphs({.canvas = 20, .scale = scale}, B, generator);
    std::vector<int> digits(10);
    std::set<std::int64_t> rows, columns;
    int wrong = 0;
    for (std::int64_t b = 0; b < B; ++b) {
      const std::int64_t digit = batch.labels.data<std::int64_t>()[b];
      ++digits.at(to_size(digit));
      rows.insert(box(batch, b)[0]);
      columns.insert(box(batch, b)[1]);
      const std::string_view drawn = glyph(digit);
      wrong += inside(batch, b, scale) != drawn;
      const auto ink = static_cast<double>(std::ranges::count(drawn, '#') * scale * scale);
      wrong += sum(select(batch.images, 0, b)).item() != ink;  // and nothing outside
    }
    CHECK(wrong == 0);
    CHECK(*std::ranges::min_element(digits) > 240);  // a constant: one of ten
    CHECK(*std::ranges::max_element(digits) < 360);
    CHECK(std::ssize(rows) == 20 - 7 * scale + 1);
    CHECK(std::ssize(columns) == 20 - 5 * scale + 1);
  }
}

TEST_CASE("glyphs: counting dots is right six times of ten, less among clutter", "[tasks]") {
  const double plain = by_counting({}), some = by_counting({.clutter = 4}), much = by_counting({.clutter = 12});
  CHECK(std::abs(plain - 0.62) < 0.03);
  CHECK(some < plain - 0.05);
  CHECK(much < 0.3);
}

TEST_CASE("glyphs: clutter lies around and on the digit", "[tasks]") {
  Generator generator(2);
  const GlyphBatch batch = draw_glyphs({.clutter = 6}, 200, generator);
  int wrong = 0, touched = 0;
  for (std::int64_t b = 0; b < 200; ++b) {
    const std::string_view drawn = glyph(batch.labels.data<std::int64_t>()[b]);
    const std::string dots = inside(batch, b, 1);
    for (std::size_t i = 0; i < dots.size(); ++i) wrong += drawn[i] == '#' && dots[i] != '#';
    touched += dots != drawn;
  }
  CHECK(wrong == 0);
  CHECK(touched > 20);
  CHECK(max(batch.images).item() == 1);
}

TEST_CASE("glyphs: one seed, what is refused", "[tasks]") {
  Generator a(3), b(3);
  const Tensor images = draw_glyphs({.clutter = 2}, 3, a).images;
  CHECK(test::same_bits(images, draw_glyphs({.clutter = 2}, 3, b).images));
  CHECK_FALSE(test::same_bits(images, draw_glyphs({.clutter = 2}, 3, b).images));
  CHECK(draw_glyphs({.canvas = 7}, 2, a).images.shape() == Shape{2, 7, 7});
  CHECK(draw_glyphs({}, 0, a).boxes.shape() == Shape{0, 4});
  CHECK_THROWS_AS(draw_glyphs({}, -1, a), ShapeError);
  CHECK_THROWS_AS(draw_glyphs({.canvas = 6}, 1, a), ShapeError);
  CHECK_THROWS_AS(draw_glyphs({.canvas = 20, .scale = 3}, 1, a), ShapeError);
  CHECK_THROWS_AS(draw_glyphs({.scale = 0}, 1, a), ShapeError);
  CHECK_THROWS_AS(draw_glyphs({.clutter = -1}, 1, a), ShapeError);
}
