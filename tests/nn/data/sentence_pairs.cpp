#include "heed/nn/data/sentence_pairs.h"

#include <algorithm>
#include <set>

#include "heed/nn/data/text.h"
#include "heed/tensor/error.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace heed;
using namespace heed::nn;
using Pairs = std::vector<SentencePair>;

namespace {
const test::TemporaryFolder folder;

Pairs pairs_in(std::string_view bytes, const SentencePairLimits& limits = {}) {
  return read_sentence_pairs(folder.write("pairs", bytes), limits);
}

std::string format_error(std::string_view bytes) {
  const std::string message = test::message_of<FormatError>([&] { pairs_in(bytes); });
  const std::string name = (folder.path() / "pairs").string();
  return message.starts_with(name) ? message.substr(name.size()) : message;
}
}  // namespace

TEST_CASE("sentence pairs: two columns or more, blank lines skipped", "[data]") {
  const Pairs expected{{"Go.", "Va !"}, {"Hi.", "Salut !"}};
  CHECK(pairs_in("Go.\tVa !\nHi.\tSalut !\n") == expected);
  CHECK(pairs_in("\uFEFFGo.\tVa !\r\n\r\n  \r\nHi.\tSalut !") == expected);
  CHECK(pairs_in("Go.\tVa !\tCC-BY 2.0\nHi. \t Salut !\t\t\n") == expected);
  CHECK(pairs_in("Go.\tVa !\nHi.\tSalut !\nbad\n", {.max_pairs = 2}) == expected);
  CHECK(test::message_of<Error>([] { pairs_in("Go.\tVa !\n", {.max_pairs = 0}); }) ==
        "read_sentence_pairs: max_pairs is 0, expected 1 or more");
}

TEST_CASE("sentence pairs: quotation marks are text", "[data]") {
  CHECK(pairs_in("\"a\tb\nc\td\ne \"f\tg\n") == Pairs{{"\"a", "b"}, {"c", "d"}, {"e \"f", "g"}});
}

TEST_CASE("sentence pairs: from two files, a sentence a line", "[data]") {
  const test::TemporaryFolder two;
  const std::string en = two.write("en", "\uFEFFGo.\r\n\nHi \u2028 you.\n"), fr = two.write("fr", "Va !\n \nSalut !");
  CHECK(read_parallel_sentences(en, fr) == Pairs{{"Go.", "Va !"}, {"Hi \u2028 you.", "Salut !"}});
  CHECK(read_parallel_sentences(en, fr, {.max_pairs = 1}).size() == 1);
  const std::string short_one = two.write("short", "a\nb\n"), blank = two.write("blank", "a\n\n\n");
  CHECK(test::message_of<FormatError>([&] { read_parallel_sentences(en, short_one); }) ==
        en + " has 3 lines, " + short_one + " has 2: a sentence and its translation stand on the same line");
  CHECK(test::message_of<FormatError>([&] { read_parallel_sentences(en, blank); }) ==
        blank + ":3: the sentence is empty");
}

TEST_CASE("sentence pairs: blanks of every kind around a sentence", "[data]") {
  CHECK(pairs_in("\u3000Go.\u00A0\t\u202FVa !\u2009\r\n\u3000\u00A0\n") == Pairs{{"Go.", "Va !"}});
  CHECK(pairs_in("a \uFEFF\u200Eb\u200F\tc\n") == Pairs{{"a \uFEFF\u200Eb\u200F", "c"}});
  CHECK(format_error("Go.\t\u00A0\u200E\u200D\u00AD\n") == ":1: the target sentence is empty");
  CHECK(format_error("a\tb\n\t\n") == ":2: the source sentence is empty");
}

TEST_CASE("sentence pairs: what is wrong is named with its line", "[data]") {
  CHECK(format_error("Go.\tVa !\n\nHi. Salut !\n") == ":3: one column: expected source, tab, target");
  CHECK(format_error("Go.\tVa !\n \tx\n") == ":2: the source sentence is empty");
  CHECK(format_error("Go.\t\tCC-BY\n") == ":1: the target sentence is empty");
  CHECK(format_error("Go.\tVa !\r\nHi.\tS\xE9\r\n") == ":2: not UTF-8: byte 6 of the line is 0xe9");
  const std::string cr =
      ": a CR inside the line, with a tab on either side: where lines end in CR alone, convert them to LF first (tr "
      "'\\r' '\\n')";
  CHECK(format_error("a\tb\rc\td\re\tf\n") == ":1" + cr);
  CHECK(format_error("a\tb\nc\td\r\re\tf\r\n") == ":2" + cr);
  CHECK(pairs_in("a\rb\tc\rd\n") == Pairs{{"a\rb", "c\rd"}});
  CHECK(format_error("<html>\t<head>\n").starts_with(": it is a web page"));
  CHECK(format_error("") == ": no sentence pairs in the file");
  CHECK(format_error("\r\n\n  \n") == ": no sentence pairs in the file");
  CHECK_THROWS_AS(read_sentence_pairs(folder.path() / "missing"), IoError);
  CHECK_THROWS_AS(read_sentence_pairs(folder.path()), IoError);
}

TEST_CASE("split_by_source keeps the translations of one source together", "[data]") {
  Pairs pairs;
  for (int i = 0; i < 300; ++i) {
    // Some sources return, in other letter case or with another kind of space.
    const std::string source = "sentence" + std::string(i % 3 == 0 ? " " : "\u00A0") + std::to_string(i * 7 % 100);
    pairs.push_back({i % 2 ? "S" + source.substr(1) : source, std::to_string(i)});
  }
  Generator generator(3);
  const SentenceSplit split = split_by_source(pairs, 60, generator);
  CHECK(split.held_out.size() == 60);  // every source has three translations
  CHECK(split.train.size() == 240);

  std::set<std::vector<std::string>> train;
  for (const SentencePair& pair : split.train) train.insert(words(pair.source));
  CHECK(train.size() == 80);
  for (const SentencePair& pair : split.held_out) CHECK(train.count(words(pair.source)) == 0);

  const auto earlier = [](const SentencePair& a, const SentencePair& b) {
    return std::stoi(a.target) < std::stoi(b.target);
  };
  CHECK(std::is_sorted(split.train.begin(), split.train.end(), earlier));
  CHECK(std::is_sorted(split.held_out.begin(), split.held_out.end(), earlier));

  Generator same(3), other(4);
  CHECK(split_by_source(pairs, 60, same).held_out == split.held_out);
  CHECK(split_by_source(pairs, 60, other).held_out != split.held_out);
}

TEST_CASE("split_by_source: bounds", "[data]") {
  const Pairs pairs{{"a", "1"}, {"a", "2"}, {"b", "3"}};
  Generator generator(1);
  CHECK(split_by_source(pairs, 0, generator).train == pairs);
  CHECK(split_by_source(pairs, 3, generator).held_out == pairs);
  CHECK(split_by_source({}, 0, generator).train.empty());
  CHECK_THROWS_AS(split_by_source(pairs, -1, generator), IndexError);
  CHECK_THROWS_AS(split_by_source(pairs, 4, generator), IndexError);
}
