#include "heed/nn/data/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#include "heed/nn/data/utf8.h"

namespace heed::nn {
namespace {

utf8proc_int32_t signed_code(char32_t code) { return static_cast<utf8proc_int32_t>(code); }

const utf8proc_property_t& property(char32_t code) { return *utf8proc_get_property(signed_code(code)); }

bool is_hangul(char32_t code) {
  const unsigned boundary = property(code).boundclass;
  return (boundary >= UTF8PROC_BOUNDCLASS_L && boundary <= UTF8PROC_BOUNDCLASS_LVT) ||
         (code >= 0x3130 && code <= 0x318F);  // compatibility letters
}

/// False when `code` is the same in Normalization Form C whatever is beside it.
bool may_change_in_nfc(char32_t code) {
  if (code < 0x300) return false;
  const utf8proc_property_t& p = property(code);
  return character_kind(code) == CharacterKind::mark || p.boundclass == UTF8PROC_BOUNDCLASS_V ||
         p.boundclass == UTF8PROC_BOUNDCLASS_T || (p.decomp_type == 0 && p.decomp_seqindex != UINT16_MAX);
}

CharacterKind format_kind(char32_t code) {
  constexpr char32_t zero_width_space = 0x200B;
  constexpr std::array<char32_t, 2> joiners{0x200C, 0x200D};
  constexpr char32_t mongolian_vowel_separator = 0x180E;
  if (code == zero_width_space) return CharacterKind::space;
  const bool tag = code >= 0xE0020 && code <= 0xE007F;
  if (tag || std::find(joiners.begin(), joiners.end(), code) != joiners.end()) return CharacterKind::joiner;
  // Those that are drawn, such as ARABIC NUMBER SIGN, are written like letters.
  const bool letter = code == mongolian_vowel_separator || !property(code).ignorable;
  return letter ? CharacterKind::letter : CharacterKind::invisible;
}

}  // namespace

CharacterKind character_kind(char32_t code) {
  if ((code | 0x20) >= U'a' && (code | 0x20) <= U'z') return CharacterKind::letter;  // by far the most frequent case
  switch (utf8proc_category(signed_code(code))) {
    case UTF8PROC_CATEGORY_ND:
      return CharacterKind::digit;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return CharacterKind::mark;
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PI:
      return CharacterKind::opening;
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PF:
      return CharacterKind::closing;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PO:
      return CharacterKind::punctuation;
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
    case UTF8PROC_CATEGORY_SK:
    case UTF8PROC_CATEGORY_SO:
      return CharacterKind::symbol;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
      return CharacterKind::space;
    case UTF8PROC_CATEGORY_CF:
      return format_kind(code);
    default:
      return CharacterKind::letter;
  }
}

bool is_unspaced(char32_t code) {
  if (code < 0xE00) return false;
  const utf8proc_propval_t category = property(code).category;
  if (category != UTF8PROC_CATEGORY_LO && category != UTF8PROC_CATEGORY_LM && category != UTF8PROC_CATEGORY_NL)
    return false;
  if (utf8proc_charwidth(signed_code(code)) == 2) return !is_hangul(code);
  // Whole blocks of scripts, for utf8proc does not know the script of a character.
  constexpr std::array<std::array<char32_t, 2>, 9> blocks{{{0x0E00, 0x0EFF},    // Thai, Lao
                                                           {0x1000, 0x109F},    // Myanmar
                                                           {0x1780, 0x17FF},    // Khmer
                                                           {0x1950, 0x19DF},    // Tai Le, New Tai Lue
                                                           {0x1A20, 0x1AAF},    // Tai Tham
                                                           {0xA9E0, 0xA9FF},    // Myanmar
                                                           {0xAA60, 0xAA7F},    // Myanmar
                                                           {0xAA80, 0xAADF},    // Tai Viet
                                                           {0xFF66, 0xFF9F}}};  // half-width katakana
  return std::any_of(blocks.begin(), blocks.end(),
                     [&](const auto& block) { return code >= block[0] && code <= block[1]; });
}

bool is_right_to_left(char32_t code) {
  if (code < 0x590) return false;
  const utf8proc_propval_t direction = property(code).bidi_class;
  return direction == UTF8PROC_BIDI_CLASS_R || direction == UTF8PROC_BIDI_CLASS_AL ||
         direction == UTF8PROC_BIDI_CLASS_AN;
}

bool turns_direction(char32_t code) { return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069); }

char32_t lower(char32_t code) {
  if (code < 0x80) return code >= U'A' && code <= U'Z' ? code | 0x20 : code;
  return static_cast<char32_t>(utf8proc_tolower(signed_code(code)));
}

std::u32string nfc(std::u32string codes) {
  if (std::none_of(codes.begin(), codes.end(), may_change_in_nfc)) return codes;
  std::string text;
  for (const char32_t code : codes) append_utf8(text, code);
  utf8proc_uint8_t* composed = nullptr;
  const utf8proc_ssize_t bytes =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &composed, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (bytes < 0) throw std::bad_alloc();  // scalar values leave no other reason
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(composed, &std::free);
  return decode_utf8({reinterpret_cast<const char*>(composed), static_cast<std::size_t>(bytes)});
}

std::size_t first_grapheme(std::u32string_view codes) {
  if (codes.size() < 2) return codes.size();
  if (codes[0] < 0x80 && codes[1] < 0x80 && codes[0] != U'\r') return 1;
  std::size_t length = 1;
  utf8proc_int32_t state = 0;
  while (length < codes.size() &&
         !utf8proc_grapheme_break_stateful(signed_code(codes[length - 1]), signed_code(codes[length]), &state))
    ++length;
  return length;
}

std::vector<std::string> graphemes(std::string_view text) {
  const std::u32string codes = decode_utf8(text);
  std::vector<std::string> result;
  for (std::u32string_view rest = codes; !rest.empty();) {
    const std::size_t length = first_grapheme(rest);
    std::string& cluster = result.emplace_back();
    for (const char32_t code : rest.substr(0, length)) append_utf8(cluster, code);
    rest.remove_prefix(length);
  }
  return result;
}

int grapheme_width(std::u32string_view cluster) {
  constexpr char32_t emoji_presentation = 0xFE0F;
  int width = 0;
  for (const char32_t code : cluster)
    width += code == emoji_presentation && width > 0 ? 2 : utf8proc_charwidth(signed_code(code));
  return std::min(width, 2);
}

}  // namespace heed::nn
