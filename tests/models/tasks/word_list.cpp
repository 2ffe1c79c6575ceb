#include "heed/models/tasks/word_list.h"

#include <array>

#include "heed/tensor/error.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using models::WordList;
using test::refused;

TEST_CASE("word list: ids, words and texts", "[tasks]") {
  const WordList list("colours", {"red", "green", "blue"});
  CHECK(list.size() == 3);
  CHECK(list.word(0) == "red");
  CHECK(list.id("blue") == 2);
  CHECK(list.text(std::array<std::int64_t, 3>{2, 0, 2}) == "blue red blue");
  CHECK(list.text({}).empty());
  CHECK(refused<IndexError>([&] { list.word(3); }) == "colours: word 3 is outside 0 to 2");
  CHECK(refused<IndexError>([&] { list.word(-1); }) == "colours: word -1 is outside 0 to 2");
  CHECK(refused<FormatError>([&] { list.id("pink"); }) == "colours: no word 'pink'");
  CHECK(refused<FormatError>([] { WordList("colours", {"red", "red"}); }) == "colours: the word 'red' twice");
}
