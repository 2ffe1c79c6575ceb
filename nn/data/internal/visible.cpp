#include "heed/nn/data/internal/visible.h"

#include <algorithm>

#include "heed/nn/data/unicode.h"
#include "heed/nn/data/utf8.h"

namespace heed::nn {
namespace {

bool is_seen(const CodePoint& code) {
  const CharacterKind kind = character_kind(code.value);
  return kind != CharacterKind::space && kind != CharacterKind::invisible && kind != CharacterKind::joiner;
}

}  // namespace

std::string_view visible_part(std::string_view text) {
  std::size_t first = std::string_view::npos, last = 0;  // the first byte that is no blank, and the one behind the last
  bool seen = false;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint code = first_code_point(text.substr(at));
    if (character_kind(code.value) != CharacterKind::space) {
      first = std::min(first, at);
      last = at + code.bytes;
      seen = seen || is_seen(code);
    }
    at += code.bytes;
  }
  return seen ? text.substr(first, last - first) : std::string_view();
}

std::int64_t byte_order_marks(std::string_view text) {
  std::int64_t count = 0;
  for (std::size_t at = text.find("\xEF\xBB\xBF"); at != text.npos; at = text.find("\xEF\xBB\xBF", at + 3)) ++count;
  return count;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace heed::nn
