#include "heed/nn/data/text.h"

#include "heed/tensor/error.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::nn;
using Words = std::vector<std::string>;

TEST_CASE("words: punctuation stands alone, runs stay together", "[data]") {
  CHECK(words("Hi, Tom!") == Words{"hi", ",", "tom", "!"});
  CHECK(words("Wait... what?!") == Words{"wait", "...", "what", "?", "!"});
  CHECK(words("«Oui»(a)") == Words{"«", "oui", "»", "(", "a", ")"});
  CHECK(words("¿Qué? €5") == Words{"¿", "qué", "?", "€", "5"});
  CHECK(words("").empty());
  CHECK(words(" \t\r\n").empty());
}

TEST_CASE("words: every kind of space separates, invisible marks vanish", "[data]") {
  const std::string space =
      GENERATE(as<std::string>{}, " ", "\u00A0", "\u202F", "\u2009", "\u3000", "\u2028", "\u200B", "\t", "\x1B");
  CHECK(words("Où" + space + "es-tu" + space + "?") == Words{"où", "es-tu", "?"});
  CHECK(words("co\u00ADop\u2060\u200E") == Words{"coop"});
}

TEST_CASE("words: apostrophes", "[data]") {
  CHECK(words("L'homme qu'il a vu") == Words{"l'", "homme", "qu'", "il", "a", "vu"});
  CHECK(words("J’ai jusqu’à aujourd’hui") == Words{"j'", "ai", "jusqu'", "à", "aujourd'hui"});
  CHECK(words("I don't, it's o'clock, y'all") == Words{"i", "don't", ",", "it's", "o'clock", ",", "y'all"});
  CHECK(words("the dogs' 'toys'") == Words{"the", "dogs", "'", "'", "toys", "'"});
}

TEST_CASE("words: hyphens and numbers", "[data]") {
  CHECK(words("peut-être -- a-t-il - non") == Words{"peut-être", "--", "a-t-il", "-", "non"});
  CHECK(words("3,000.50 at 10:30, 1.") == Words{"3,000.50", "at", "10:30", ",", "1", "."});
  CHECK(words("a.b 1.a") == Words{"a", ".", "b", "1", ".", "a"});
}

TEST_CASE("words: one token per ideograph and kana", "[data]") {
  CHECK(words("我吃了iPhone。") == Words{"我", "吃", "了", "iphone", "。"});
  CHECK(words("コーヒーです！") == Words{"コ", "ー", "ヒ", "ー", "で", "す", "！"});
  CHECK(words("한국어 좋아요") == Words{"한국어", "좋아요"});
}

TEST_CASE("words: not UTF-8 is refused", "[data]") {
  CHECK_THROWS_AS(words("caf\xE9"), FormatError);
  CHECK_THROWS_AS(words("caf\xE9", {.split_characters = false}), FormatError);
  CHECK_THROWS_AS(join_words({"a", "caf\xE9"}), FormatError);
  const std::vector<std::string_view> lines{"a", "caf\xE9"};
  CHECK_THROWS_AS(detect_text_options(lines), FormatError);
}

TEST_CASE("join_words reads like text, and splits into the same words again", "[data]") {
  const std::string text = GENERATE(as<std::string>{}, "l'homme est là, n'est-ce pas?",
                                    "he said (softly): don't... go!", "我吃了一个苹果。", "«oui», 3,5 m", "", "¿qué?");
  CHECK(join_words(words(text)) == text);
}
