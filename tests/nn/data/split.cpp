#include "heed/nn/data/split.h"

#include <algorithm>
#include <numeric>

#include "heed/tensor/error.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::nn;
using Ids = std::vector<std::int64_t>;

TEST_CASE("split: each index on one side, in order, drawn from the generator alone", "[nn][data]") {
  Generator generator(3), again(3), other(4);
  const IndexSplit split = split_indices(100, 15, generator);
  CHECK(split.held_out.size() == 15);
  CHECK(std::ranges::is_sorted(split.train));
  CHECK(std::ranges::is_sorted(split.held_out));
  Ids all(split.train), every(100);
  all.insert(all.end(), split.held_out.begin(), split.held_out.end());
  std::ranges::sort(all);
  std::iota(every.begin(), every.end(), 0);
  CHECK(all == every);
  CHECK(split_indices(100, 15, again).held_out == split.held_out);
  CHECK(split_indices(100, 15, other).held_out != split.held_out);
  CHECK(split_indices(3, 0, generator).held_out.empty());
  CHECK(split_indices(3, 3, generator).train.empty());
  CHECK_THROWS_AS(split_indices(3, 4, generator), IndexError);
  CHECK_THROWS_AS(split_indices(3, -1, generator), IndexError);
}
