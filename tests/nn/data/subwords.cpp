#include "heed/nn/data/subwords.h"

#include "support/catch.h"

using namespace heed::nn;

TEST_CASE("subwords: pieces that go on, and pieces that begin a word", "[nn][data]") {
  CHECK(join_subwords({"He@@", "l@@", "lo", "you"}, SubwordStyle::continued) == "Hello you");
  CHECK(join_subwords({"cut@@"}, SubwordStyle::continued) == "cut");
  CHECK(join_subwords({"a@@b", "@", "@@"}, SubwordStyle::continued) == "a@@b @");
  CHECK(join_subwords({"▁a", "▁b"}, SubwordStyle::word_begin) == "a b");
  CHECK(join_subwords({"▁", "H", "e", "▁you", "▁"}, SubwordStyle::word_begin) == "He you");
  CHECK(join_subwords({}, SubwordStyle::word_begin).empty());
  CHECK(join_subwords({"▁"}, SubwordStyle::word_begin).empty());
}
