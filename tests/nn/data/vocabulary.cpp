#include "heed/nn/data/vocabulary.h"

#include "heed/tensor/error.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::nn;
using Words = std::vector<std::string>;
using Ids = std::vector<std::int64_t>;

namespace {
const std::map<std::string, std::int64_t> counts{{"a", 1}, {"b", 5}, {"c", 1}, {"d", 3}, {"é", 3}, {"<eos>", 9}};
}

TEST_CASE("vocabulary: special tokens, then by count, then bytewise", "[data]") {
  CHECK(Vocabulary().tokens() == Words{"<pad>", "<bos>", "<eos>", "<unk>"});
  CHECK(Vocabulary(counts).tokens() == Words{"<pad>", "<bos>", "<eos>", "<unk>", "b", "d", "é", "a", "c"});
  CHECK(Vocabulary(counts, {.min_count = 3}).size() == 7);
  CHECK(Vocabulary(counts, {.max_size = 5}).tokens().back() == "b");
  CHECK(Vocabulary(counts, {.max_size = 0}).size() == 4);
}

TEST_CASE("vocabulary: ids and tokens are inverse", "[data]") {
  const Vocabulary vocabulary(counts);
  for (std::int64_t id = 0; id < vocabulary.size(); ++id) CHECK(vocabulary.id(vocabulary.token(id)) == id);
  CHECK(vocabulary.id("zebra") == Vocabulary::unk);
  CHECK(vocabulary.id("") == Vocabulary::unk);
  CHECK_THROWS_AS(vocabulary.token(-1), IndexError);
  CHECK_THROWS_AS(vocabulary.token(vocabulary.size()), IndexError);
}

TEST_CASE("vocabulary: encode and decode", "[data]") {
  const Vocabulary vocabulary(counts);
  CHECK(vocabulary.encode({"b", "zebra", "c"}) == Ids{4, 3, 8});
  CHECK(vocabulary.decode(Ids{1, 4, 3, 0, 8, 2, 7}) == Words{"b", "<unk>", "c"});
  CHECK(vocabulary.decode(Ids{}).empty());
  CHECK_THROWS_AS(vocabulary.decode(Ids{4, 99}), IndexError);
  CHECK(vocabulary.decode(Ids{4, 2, 99}) == Words{"b"});  // nothing behind <eos> is looked at
}

TEST_CASE("vocabulary: saved and read again", "[data]") {
  const Vocabulary vocabulary(counts), copy(vocabulary.tokens());
  CHECK(copy.tokens() == vocabulary.tokens());
  CHECK(copy.id("é") == 6);
  CHECK_THROWS_AS(Vocabulary(Words{}), FormatError);
  CHECK_THROWS_AS(Vocabulary(Words{"<pad>", "<eos>", "<bos>", "<unk>"}), FormatError);
  CHECK_THROWS_AS(Vocabulary(Words{"<pad>", "<bos>", "<eos>", "<unk>", "a", "a"}), FormatError);
}
