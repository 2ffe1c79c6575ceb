#include "heed/models/tasks/shape_grid.h"

#include <algorithm>
#include <map>
#include <set>

#include "heed/tensor/error.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::models;

namespace {

Tensor cell_of(const ShapeGrid& grid, std::int64_t cell, std::int64_t side) {
  const std::int64_t row = 5 * (cell / side), column = 5 * (cell % side);
  return slice(slice(grid.image, 1, row, row + 5), 2, column, column + 5);
}

}  // namespace

TEST_CASE("shape grid: the caption names the filled cells in reading order", "[tasks]") {
  Generator generator(1);
  constexpr int B = 2000;
  std::vector<int> words(7), cells(9);
  int wrong = 0, empty = 0;
  double order = 0;
  for (int b = 0; b < B; ++b) {
    const ShapeGrid grid = make_shape_grid({}, generator);
    const SequencePair& caption = grid.caption;
    std::vector<std::int64_t> target, named;
    for (std::int64_t cell = 0; cell < 9; ++cell) {
      const std::int64_t id = caption.source.at(to_size(cell));
      const bool ink = norm(cell_of(grid, cell, 3)) > 0;
      wrong += ink != (id != 0);
      if (id == 0) continue;
      ++cells.at(to_size(cell));
      target.push_back((id - 1) / 3);
      target.push_back(4 + (id - 1) % 3);
      named.insert(named.end(), 2, cell);
    }
    wrong += caption.target != target || caption.alignment.size() != named.size();
    for (std::size_t t = 0; t < named.size(); ++t) wrong += caption.alignment[t] != std::vector<std::int64_t>{named[t]};
    empty += target.empty();
    for (const std::int64_t word : target) ++words.at(to_size(word));
    // Who knows what is there and not where: the names in a fixed order.
    std::vector<std::pair<std::int64_t, std::int64_t>> shapes, sorted;
    for (std::size_t t = 0; t < target.size(); t += 2) shapes.emplace_back(target[t], target[t + 1]);
    sorted = shapes;
    std::ranges::sort(sorted);
    order += sorted == shapes;
  }
  CHECK(wrong == 0);
  CHECK(empty == 0);
  for (std::size_t word = 0; word < 4; ++word) CHECK(words[word] > 1650);  // 9·0.4·2000/4 = 1,800
  for (std::size_t word = 4; word < 7; ++word) CHECK(words[word] > 2250);
  CHECK(*std::ranges::min_element(cells) > 720);
  CHECK(order / B > 0.2);  // Σ p(k)/k!, and a little for shapes that are there twice: 0.24
  CHECK(order / B < 0.3);
}

TEST_CASE("shape grid: twelve things that look different, in their colours", "[tasks]") {
  Generator generator(2);
  std::map<std::int64_t, std::size_t> looks;
  std::set<std::size_t> different;
  for (int b = 0; b < 400; ++b) {
    const ShapeGrid grid = make_shape_grid({.side = 1, .filled = 1}, generator);
    const std::int64_t id = grid.caption.source.at(0);
    const Tensor colour = max(reshape(grid.image, {3, 25}), Axes{1});
    const std::string_view name = shape_grid_words().word((id - 1) / 3);
    CHECK((select(colour, 0, 0).item() == 1) == (name == "red" || name == "yellow"));
    CHECK((select(colour, 0, 2).item() == 1) == (name == "blue"));
    const std::size_t look = test::fingerprint(grid.image);
    different.insert(look);
    CHECK(looks.emplace(id, look).first->second == look);
  }
  CHECK(looks.size() == 12);
  CHECK(different.size() == 12);
}

TEST_CASE("shape grid: one seed, never empty, what is refused", "[tasks]") {
  Generator a(3), b(3);
  const ShapeGrid grid = make_shape_grid({}, a);
  CHECK(test::same_bits(grid.image, make_shape_grid({}, b).image));
  CHECK(grid.caption.source != make_shape_grid({}, b).caption.source);
  for (int i = 0; i < 20; ++i) CHECK(make_shape_grid({.filled = 0}, a).caption.target.size() == 2);
  CHECK(make_shape_grid({.side = 2, .filled = 1}, a).caption.target.size() == 8);
  CHECK_THROWS_AS(make_shape_grid({.side = 0}, a), ShapeError);
  CHECK_THROWS_AS(make_shape_grid({.filled = 1.1}, a), Error);
  CHECK_THROWS_AS(make_shape_grid({.filled = 0.0 / 0.0}, a), Error);
}
