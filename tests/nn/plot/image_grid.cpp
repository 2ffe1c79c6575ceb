#include "heed/nn/plot/image_grid.h"

#include <limits>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "nn/plot/svg_bounds.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/xml.h"

using namespace heed;
using nn::image_grid_svg;
using test::refused;

TEST_CASE("image grid: neighbours of one shade are one rectangle, white is none, NaN is yellow", "[examples]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Tensor images = tensor({0.0, 1.0, 1.0, 0.5, 0.5, nan, -3.0, 7.0, 0.0, 0.0, 0.0, 0.0}, {2, 2, 3}, DType::f64);
  const std::string svg = image_grid_svg({.title = "a < b", .images = images, .captions = {"7 & 9", ""}, .columns = 1});
  CHECK(test::xml_error(svg) == "");
  CHECK(test::occurrences(svg, "fill=\"#000000\"") == 2);  // the pair in the first row, and 7
  CHECK(test::occurrences(svg, "fill=\"#777777\"") == 1);  // 0.5, twice
  CHECK(test::occurrences(svg, "fill=\"#f2c14e\"") == 1);
  CHECK(test::occurrences(svg, "fill=\"#ffffff\"") == 0);
  CHECK(svg.find(">7 &amp; 9</text>") != svg.npos);
  CHECK(svg.find(">a &lt; b</text>") != svg.npos);
}

TEST_CASE("image grid: none, and what does not fit", "[examples]") {
  CHECK(test::xml_error(image_grid_svg({.images = zeros({0, 28, 28})})) == "");
  CHECK(test::xml_error(image_grid_svg({.images = zeros({1, 0, 0}), .captions = {"x"}})) == "");
  CHECK(refused<ShapeError>([] { image_grid_svg({.images = zeros({2, 3, 3}), .captions = {"x"}}); }) ==
        "image_grid: images [2, 3, 3], 1 captions, 10 columns: expected [N, H, W], N, 1 or more");
  CHECK(refused<DTypeError>([] { image_grid_svg({.images = zeros({0, 3, 3}, DType::i64)}); }).starts_with("image_gri"));
}
