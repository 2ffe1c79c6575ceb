#include "heed/nn/data/unicode.h"

#include "heed/nn/data/utf8.h"
#include "heed/tensor/error.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::nn;

TEST_CASE("unicode: kinds of every script", "[data]") {
  for (const char32_t code : std::u32string_view(U"aÉßяΩქაאبकขあ我한ᚠⅧ½²\u0E33\U0001D400\uE000\u0600\u180E"))
    CHECK(character_kind(code) == CharacterKind::letter);
  for (const char32_t code : std::u32string_view(U"\u0301\u093F\u0E31\u102C\u20E3\uFE0F"))
    CHECK(character_kind(code) == CharacterKind::mark);
  for (const char32_t code : std::u32string_view(U"09٣३๒２\U0001D7D8"))
    CHECK(character_kind(code) == CharacterKind::digit);
  for (const char32_t code : std::u32string_view(U"([{«“„「（")) CHECK(character_kind(code) == CharacterKind::opening);
  for (const char32_t code : std::u32string_view(U")]}»”」）")) CHECK(character_kind(code) == CharacterKind::closing);
  for (const char32_t code : std::u32string_view(U".-_!?'\"&。！،।፣־"))
    CHECK(character_kind(code) == CharacterKind::punctuation);
  for (const char32_t code : std::u32string_view(U"+$€→°´😀")) CHECK(character_kind(code) == CharacterKind::symbol);
  for (const char32_t code : std::u32string_view(U" \t\n\u0085\u00A0\u1680\u2009\u200B\u2028\u202F\u3000"))
    CHECK(character_kind(code) == CharacterKind::space);
  for (const char32_t code : std::u32string_view(U"\u200C\u200D\U000E0067"))
    CHECK(character_kind(code) == CharacterKind::joiner);
  for (const char32_t code : std::u32string_view(U"\u00AD\u061C\u200E\u202B\u2060\u2069\uFEFF"))
    CHECK(character_kind(code) == CharacterKind::invisible);
}

TEST_CASE("unicode: scripts without blanks between words", "[data]") {
  for (const char32_t code : std::u32string_view(U"我々〇あーアｱㄅ𠀀กເကក")) CHECK(is_unspaced(code));
  for (const char32_t code : std::u32string_view(U"aאकཀ한ᄀㅋ２！２😀Ａ\u3000")) CHECK(!is_unspaced(code));
}

TEST_CASE("unicode: lower case, one to one", "[data]") {
  const std::u32string_view capitals = U"AZÀŸİŁȘẞỞΆΣЯҐႠᲐԱᏍⱯ\U0001E900ǅＡÅ", small = U"azàÿiłșßởάσяґⴀაաꮝɐ\U0001E922ǆａå";
  REQUIRE(capitals.size() == small.size());
  for (std::size_t i = 0; i < capitals.size(); ++i) CHECK(lower(capitals[i]) == small[i]);
  for (const char32_t code : U"×ßÿĸŉſςéя我[@0`{") CHECK(lower(code) == code);
}

TEST_CASE("unicode: composed form", "[data]") {
  CHECK(nfc(U"") == U"");
  CHECK(nfc(U"cafe\u0301") == U"café");
  CHECK(nfc(U"\u1112\u1161\u11AB") == U"한");
  CHECK(nfc(U"q\u0307\u0323") == U"q\u0323\u0307");  // marks in their canonical order
  CHECK(nfc(U"\u212B\u2126") == U"ÅΩ");
  CHECK(nfc(U"\u0958") == U"\u0915\u093C");  // excluded from composition
  CHECK(nfc(U"２ﬁ½") == U"２ﬁ½");            // compatibility forms stay
}

TEST_CASE("unicode: grapheme clusters", "[data]") {
  using Clusters = std::vector<std::string>;
  CHECK(graphemes("").empty());
  CHECK(graphemes("ae\u0301\r\n") == Clusters{"a", "e\u0301", "\r\n"});
  CHECK(graphemes("한국") == Clusters{"한", "국"});
  CHECK(graphemes("नि") == Clusters{"नि"});
  CHECK(graphemes("กำที่") == Clusters{"กำ", "ที่"});
  CHECK(graphemes("🇫🇷🇩🇪👨‍👩‍👧👍🏽❤️1️⃣") ==
        Clusters{"🇫🇷", "🇩🇪", "👨‍👩‍👧", "👍🏽", "❤️", "1️⃣"});
  CHECK_THROWS_AS(graphemes("caf\xE9"), FormatError);
}

TEST_CASE("unicode: columns of a cluster", "[data]") {
  const auto width = [](std::string_view text) { return grapheme_width(decode_utf8(text)); };
  for (const std::string text : {"a", "e\u0301", "ب", "ｱ", "€", "→", "…", "\uFFFD"}) CHECK(width(text) == 1);
  for (const std::string text :
       {"我", "한", "\u1112\u1161\u11AB", "Ａ", "！", "😀", "👨‍👩‍👧", "👍🏽", "🇫🇷", "❤️", "1️⃣", "กำ"})
    CHECK(width(text) == 2);
  for (const std::string text : {"", "\u0301", "\u200D", "\uFE0F"}) CHECK(width(text) == 0);
}
