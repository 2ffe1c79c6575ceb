#include "heed/nn/data/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace heed::nn {
namespace {

enum class Kind { letter, digit, mark, ideograph, space, invisible };

struct Range {
  char32_t first, last;
  Kind kind;
};

// Ascending; what stands in no range is a letter (combining accents too: they belong to the letter before them).
constexpr Range kinds[] = {
    {0x0000, 0x0020, Kind::space},       {0x0021, 0x002F, Kind::mark},      {0x0030, 0x0039, Kind::digit},
    {0x003A, 0x0040, Kind::mark},        {0x005B, 0x0060, Kind::mark},      {0x007B, 0x007E, Kind::mark},
    {0x007F, 0x00A0, Kind::space},       {0x00A1, 0x00A9, Kind::mark},      {0x00AB, 0x00AC, Kind::mark},
    {0x00AD, 0x00AD, Kind::invisible},   {0x00AE, 0x00B1, Kind::mark},      {0x00B4, 0x00B4, Kind::mark},
    {0x00B6, 0x00B8, Kind::mark},        {0x00BB, 0x00BB, Kind::mark},      {0x00BF, 0x00BF, Kind::mark},
    {0x00D7, 0x00D7, Kind::mark},        {0x00F7, 0x00F7, Kind::mark},      {0x037E, 0x037E, Kind::mark},
    {0x0387, 0x0387, Kind::mark},        {0x05BE, 0x05BE, Kind::mark},      {0x060C, 0x060D, Kind::mark},
    {0x061B, 0x061F, Kind::mark},        {0x066A, 0x066D, Kind::mark},      {0x06D4, 0x06D4, Kind::mark},
    {0x0964, 0x0965, Kind::mark},        {0x1680, 0x1680, Kind::space},     {0x2000, 0x200B, Kind::space},
    {0x200D, 0x200F, Kind::invisible},   {0x2010, 0x2027, Kind::mark},      {0x2028, 0x2029, Kind::space},
    {0x202A, 0x202E, Kind::invisible},   {0x202F, 0x202F, Kind::space},     {0x2030, 0x205E, Kind::mark},
    {0x205F, 0x205F, Kind::space},       {0x2060, 0x206F, Kind::invisible}, {0x20A0, 0x20CF, Kind::mark},
    {0x2190, 0x2BFF, Kind::mark},        {0x2E00, 0x2E7F, Kind::mark},      {0x3000, 0x3000, Kind::space},
    {0x3001, 0x3004, Kind::mark},        {0x3005, 0x3007, Kind::ideograph}, {0x3008, 0x3020, Kind::mark},
    {0x3030, 0x3030, Kind::mark},        {0x3040, 0x30FA, Kind::ideograph}, {0x30FB, 0x30FB, Kind::mark},
    {0x30FC, 0x30FF, Kind::ideograph},   {0x31F0, 0x31FF, Kind::ideograph}, {0x3400, 0x4DBF, Kind::ideograph},
    {0x4E00, 0x9FFF, Kind::ideograph},   {0xF900, 0xFAFF, Kind::ideograph}, {0xFE00, 0xFE0F, Kind::invisible},
    {0xFE10, 0xFE19, Kind::mark},        {0xFE30, 0xFE6F, Kind::mark},      {0xFEFF, 0xFEFF, Kind::invisible},
    {0xFF01, 0xFF0F, Kind::mark},        {0xFF10, 0xFF19, Kind::digit},     {0xFF1A, 0xFF20, Kind::mark},
    {0xFF3B, 0xFF40, Kind::mark},        {0xFF5B, 0xFF65, Kind::mark},      {0xFF66, 0xFF9F, Kind::ideograph},
    {0xFFE0, 0xFFEE, Kind::mark},        {0xFFFC, 0xFFFD, Kind::mark},      {0x1F000, 0x1FAFF, Kind::mark},
    {0x20000, 0x3FFFF, Kind::ideograph},
};

struct Case {
  char32_t first, last;
  int distance;  // from upper to lower case; 0: upper and lower take turns, starting with an upper-case letter
};

constexpr Case cases[] = {
    {0x00C0, 0x00D6, 32}, {0x00D8, 0x00DE, 32}, {0x0100, 0x012F, 0},    {0x0130, 0x0130, -199},  {0x0132, 0x0137, 0},
    {0x0139, 0x0148, 0},  {0x014A, 0x0177, 0},  {0x0178, 0x0178, -121}, {0x0179, 0x017E, 0},     {0x0218, 0x021B, 0},
    {0x0386, 0x0386, 38}, {0x0388, 0x038A, 37}, {0x038C, 0x038C, 64},   {0x038E, 0x038F, 63},    {0x0391, 0x03A1, 32},
    {0x03A3, 0x03AB, 32}, {0x0400, 0x040F, 80}, {0x0410, 0x042F, 32},   {0x0460, 0x0481, 0},     {0x048A, 0x04BF, 0},
    {0x04C1, 0x04CE, 0},  {0x04D0, 0x052F, 0},  {0x1E00, 0x1E95, 0},    {0x1E9E, 0x1E9E, -7615}, {0x1EA0, 0x1EFF, 0},
};

/// The row of an ascending table that holds `code`, or its end.
template <class Row, std::size_t N>
const Row* find(const Row (&table)[N], char32_t code) {
  const Row* row =
      std::lower_bound(std::begin(table), std::end(table), code, [](const Row& r, char32_t c) { return r.last < c; });
  return row != std::end(table) && row->first <= code ? row : std::end(table);
}

constexpr bool is_ascii_letter(char32_t code) { return (code | 0x20) >= U'a' && (code | 0x20) <= U'z'; }

Kind kind_of(char32_t code) {
  if (is_ascii_letter(code)) return Kind::letter;  // by far the most frequent case
  const Range* range = find(kinds, code);
  return range == std::end(kinds) ? Kind::letter : range->kind;
}

bool in_word(char32_t code) { return kind_of(code) == Kind::letter || kind_of(code) == Kind::digit; }

/// The code points that count, in lower case, with one form of apostrophe and of hyphen.
std::u32string normalised(std::string_view text) {
  std::u32string codes = decode_utf8(text);
  std::erase_if(codes, [](char32_t code) { return kind_of(code) == Kind::invisible; });
  for (char32_t& code : codes)
    if (code == U'\u2019' || code == U'\u02BC')
      code = U'\'';
    else if (code == U'\u2010' || code == U'\u2011')
      code = U'-';
    else
      code = lower(code);
  return codes;
}

/// True when the mark `code` between `before` and `after` is part of a word or number.
bool joins(char32_t before, char32_t code, char32_t after) {
  if (code == U'\'' || code == U'-') return in_word(before) && in_word(after);
  if (code == U'.' || code == U',' || code == U':')
    return kind_of(before) == Kind::digit && kind_of(after) == Kind::digit;
  return false;
}

bool is_elision(std::string_view word) {  // word: what stands before the apostrophe
  constexpr std::array<std::string_view, 13> elisions{"c", "d",  "j",     "l",      "m",      "n",     "s",
                                                      "t", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"};
  return std::find(elisions.begin(), elisions.end(), word) != elisions.end();
}

}  // namespace

char32_t lower(char32_t code) {
  if (code < 0x80) return is_ascii_letter(code) ? code | 0x20 : code;
  const Case* row = find(cases, code);
  if (row == std::end(cases)) return code;
  if (row->distance == 0) return (code - row->first) % 2 == 0 ? code + 1 : code;
  return static_cast<char32_t>(static_cast<std::int32_t>(code) + row->distance);
}

std::vector<std::string> words(std::string_view text) {
  const std::u32string codes = normalised(text);
  std::vector<std::string> result;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) result.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const char32_t code = codes[i], after = i + 1 < codes.size() ? codes[i + 1] : U' ';
    const Kind kind = kind_of(code);
    if (kind == Kind::space) {
      end_word();
    } else if (kind == Kind::ideograph) {
      end_word();
      append_utf8(word, code);
      end_word();
    } else if (kind == Kind::letter || kind == Kind::digit) {
      append_utf8(word, code);
    } else if (code == U'\'' && is_elision(word) && (in_word(after) || kind_of(after) == Kind::space)) {
      word += '\'';
      end_word();
    } else if (!word.empty() && joins(codes[i - 1], code, after)) {
      append_utf8(word, code);
    } else {
      end_word();
      append_utf8(word, code);
      for (; i + 1 < codes.size() && codes[i + 1] == code; ++i) append_utf8(word, code);
      end_word();
    }
  }
  end_word();
  return result;
}

std::string join_words(const std::vector<std::string>& words) {
  constexpr std::u32string_view closing =
      U".,;:!?%)]}'\u2019\u201D\u00BB\u2026\u3001\u3002\uFF01\uFF0C\uFF1A\uFF1B\uFF1F";
  constexpr std::u32string_view opening = U"([{\u201C\u00AB\u00BF\u00A1";
  constexpr std::u32string_view wide = U"\u3001\u3002\uFF01\uFF0C\uFF1A\uFF1B\uFF1F";
  const auto has = [](std::u32string_view set, char32_t code) { return set.find(code) != std::u32string_view::npos; };
  const auto is_ideograph = [&](char32_t code) { return kind_of(code) == Kind::ideograph || has(wide, code); };

  std::string text;
  char32_t before = 0;  // the last code point so far, or 0 after an elision
  for (const std::string& word : words) {
    const std::u32string codes = decode_utf8(word);
    if (codes.empty()) continue;
    const bool glued = before == 0 || has(closing, codes.front()) || has(opening, before) ||
                       (is_ideograph(before) && is_ideograph(codes.front()));
    if (!glued) text += ' ';
    text += word;
    before = codes.size() > 1 && codes.back() == U'\'' ? 0 : codes.back();
  }
  return text;
}

}  // namespace heed::nn
