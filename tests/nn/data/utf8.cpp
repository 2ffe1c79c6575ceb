#include "heed/nn/data/utf8.h"

#include "heed/tensor/error.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace heed;
using namespace heed::nn;

TEST_CASE("UTF-8: every scalar value survives encoding and decoding", "[data]") {
  std::int64_t wrong = 0;
  for (char32_t code = 0; code <= 0x10FFFF; ++code) {
    if (code >= 0xD800 && code < 0xE000) continue;
    std::string text;
    append_utf8(text, code);
    if (first_invalid_utf8(text) != std::string::npos || decode_utf8(text) != std::u32string(1, code)) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("UTF-8: ill-formed sequences are found at their first byte", "[data]") {
  const std::string bad =
      GENERATE(as<std::string>{}, "\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x9F\xBF", "\xE2\x82",
               "\xE2(\xA1", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF0\x9F\x98", "\xF4\x90\x80\x80",
               "\xF5\x80\x80\x80", "\xFE", "\xFF");
  CAPTURE(bad);
  CHECK(first_invalid_utf8(bad) == 0);
  CHECK(first_invalid_utf8("é" + bad + "x") == 2);
  CHECK_THROWS_AS(decode_utf8(bad), FormatError);
  CHECK_THROWS_AS(characters("ab" + bad), FormatError);
}

TEST_CASE("UTF-8: the borders of each length are well formed", "[data]") {
  const std::string good =
      GENERATE(as<std::string>{}, "", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
               "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF");
  CHECK(first_invalid_utf8(good) == std::string::npos);
}

TEST_CASE("UTF-8: the error names byte and position", "[data]") {
  CHECK(test::message_of<FormatError>([] { decode_utf8("caf\xE9 noir"); }) == "utf8: byte 4 of 9 is invalid: 0xe9");
}

TEST_CASE("UTF-8: characters are code points", "[data]") {
  CHECK(characters("né 我😀") == std::vector<std::string>{"n", "é", " ", "我", "😀"});
  CHECK(characters("").empty());
}
