#include "examples/claims/pairs.h"

#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::examples;

namespace {

using Links = std::vector<std::vector<std::int64_t>>;

// Two words that change places, then one that stays.
const models::SequencePair pair{{7, 8, 9}, {8, 7, 9}, {{1}, {0}, {2}}};

const Tensor right = tensor({0.1, 0.9, 0, 0.8, 0.2, 0, 0, 0.3, 0.7}, {3, 3});
const Tensor wrong = tensor({0.9, 0.1, 0, 0.2, 0.8, 0, 0, 0.3, 0.7}, {3, 3});

}  // namespace

TEST_CASE("pairs: what is drawn", "[claims]") {
  Generator generator(1);
  for (const models::SequencePair& copy : draw_pairs(copied(5), 3, generator)) {
    CHECK(copy.source.size() == 5);
    CHECK(copy.target == copy.source);
  }
  for (const models::SequencePair& turned : draw_pairs(reversed(2, 4), 20, generator)) {
    CHECK(turned.source.size() >= 2);
    CHECK(turned.source.size() <= 4);
    CHECK(std::vector(turned.target.rbegin(), turned.target.rend()) == turned.source);
  }
  CHECK(draw_pairs(swapped(6), 2, generator).size() == 2);
  CHECK(swapped(6)(generator).source.size() == 6);
}

TEST_CASE("pairs: alignment errors of a batch, and of rows that are the words' before", "[claims]") {
  CHECK(alignment_error(stack({right}, 0), {pair}) == 0);
  CHECK(alignment_error(stack({wrong}, 0), {pair}) == Approx(2.0 / 3));
  CHECK(alignment_error(stack({right, wrong}, 0), {pair, pair}) == Approx(1.0 / 3));
  // Row t is that of word t - 1: words 0 and 1 have the rows 1 and 2, which look at 0 and 2, and word 2 has none.
  CHECK(alignment_error(stack({right}, 0), {pair}, 1) == 1);
}

TEST_CASE("pairs: pictures have the words of the pair and nothing of the padding", "[claims]") {
  const Tensor padded = concat({concat({right, zeros({3, 2})}, 1), zeros({1, 5})}, 0);
  const nn::Heatmap map = alignment_picture("title", padded, pair);
  CHECK(map.target == std::vector<std::string>{"8", "7", "9"});
  CHECK(map.source == std::vector<std::string>{"7", "8", "9"});
  CHECK(test::to_array(map.weights).numbers == test::to_array(right).numbers);
  CHECK(map.gold == pair.alignment);

  const nn::Heatmap two = two_alignments("title", padded, wrong, pair);
  CHECK(two.source == std::vector<std::string>{"7", "8", "9", "7", "8", "9"});
  CHECK(test::to_array(two.weights).numbers == test::to_array(concat({right, wrong}, 1)).numbers);
  CHECK(two.gold == Links{{1, 4}, {0, 3}, {2, 5}});

  const nn::AttentionMap page = alignment_map("layer", padded, pair);
  CHECK(page.layer == "layer");
  CHECK(page.queries == map.target);
  CHECK(page.keys == map.source);
  CHECK(page.weights.shape() == Shape{3, 3});
  // Of several heads too: the padding is that of the last two axes.
  const Tensor heads = alignment_map("layer", stack({padded, padded * 2, padded, padded}, 0), pair).weights;
  CHECK(heads.shape() == Shape{4, 3, 3});
  CHECK(test::to_array(select(heads, 0, 1)).numbers == test::to_array(right * 2).numbers);
}
