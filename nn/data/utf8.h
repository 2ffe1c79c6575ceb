// UTF-8, strictly as Unicode defines it (The Unicode Standard, table 3-7): no overlong forms, no surrogates, nothing
// above U+10FFFF, no sequence cut short. Text files come from anywhere; the rest of heed may then rely on what passed
// here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace heed::nn {

struct CodePoint {
  char32_t value = 0xFFFD;
  std::size_t bytes = 0;  ///< 0: the text is empty or does not begin with a well-formed sequence
};

/// The code point `text` begins with.
CodePoint first_code_point(std::string_view text);

/// The position of the first byte that begins no well-formed sequence; std::string_view::npos when there is none.
std::size_t first_invalid_utf8(std::string_view text);

/// The code points of `text`. FormatError that names the position of the first bad byte.
std::u32string decode_utf8(std::string_view text);

/// Appends the UTF-8 form of `code`, which must be a Unicode scalar value.
void append_utf8(std::string& text, char32_t code);

/// `text` split into its code points, each in UTF-8: the tokens of a character-level model. FormatError as above.
std::vector<std::string> characters(std::string_view text);

}  // namespace heed::nn
