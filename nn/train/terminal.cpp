#include "heed/nn/train/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "heed/nn/data/unicode.h"
#include "heed/nn/data/utf8.h"

namespace heed::nn {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = environment(name);
    if (value.empty()) continue;
    for (std::string_view spelling : {"UTF-8", "utf-8", "UTF8", "utf8"})
      if (value.find(spelling) != std::string_view::npos) return true;
    return false;
  }
  return false;
}

/// The code points of `text`, U+FFFD standing for each bad byte and control character.
std::u32string printable_codes(std::string_view text) {
  std::u32string codes;
  while (!text.empty()) {
    const CodePoint code = first_code_point(text);
    const bool control = code.value < 0x20 || (code.value >= 0x7F && code.value < 0xA0);
    codes.push_back(control || code.bytes == 0 ? U'\uFFFD' : code.value);
    text.remove_prefix(std::max<std::size_t>(code.bytes, 1));
  }
  return codes;
}

std::string encoded(std::u32string_view codes) {
  std::string text;
  for (const char32_t code : codes) append_utf8(text, code);
  return text;
}

/// The code points of the longest start of `codes` that is no wider than `columns`, whole grapheme clusters only.
std::size_t fitting(std::u32string_view codes, int columns) {
  std::size_t end = 0;
  while (end < codes.size()) {
    const std::size_t length = first_grapheme(codes.substr(end));
    columns -= grapheme_width(codes.substr(end, length));
    if (columns < 0) break;
    end += length;
  }
  return end;
}

}  // namespace

Terminal inspect_terminal(int file_descriptor) {
  Terminal terminal;
  terminal.interactive = isatty(file_descriptor) == 1 && environment("TERM") != "dumb" && environment("CI").empty();
  const std::string_view force = environment("CLICOLOR_FORCE");
  terminal.colour = environment("NO_COLOR").empty() && (terminal.interactive || (!force.empty() && force != "0"));
  terminal.utf8 = locale_is_utf8();
  winsize size{};
  if (ioctl(file_descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) terminal.width = size.ws_col;
  return terminal;
}

int display_width(std::string_view text) {
  const std::u32string codes = printable_codes(text);
  int width = 0;
  for (std::u32string_view rest = codes; !rest.empty();) {
    const std::size_t length = first_grapheme(rest);
    width += grapheme_width(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  return width;
}

std::string printable(std::string_view text) { return encoded(printable_codes(text)); }

std::string shortened(std::string_view text, int columns, bool utf8) {
  const std::u32string codes = printable_codes(text);
  if (fitting(codes, columns) == codes.size()) return encoded(codes);
  if (columns <= 0) return {};
  const std::u32string_view kept = std::u32string_view(codes).substr(0, fitting(codes, columns - 1));
  return encoded(kept) + (utf8 ? "…" : "~");  // which takes one column
}

}  // namespace heed::nn
