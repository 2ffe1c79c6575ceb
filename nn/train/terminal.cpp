#include "heed/nn/train/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>

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

struct Range {
  char32_t first, last;
};

// Ascending. Combining marks of Latin, Greek, Cyrillic and symbols, and what is never seen.
constexpr Range narrow[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
                            {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x206F},
                            {0x20D0, 0x20FF}, {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}};
// East Asian wide and full width (Unicode Standard Annex 11), in whole blocks.
constexpr Range wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x3098},  {0x309B, 0x4DBF},
                          {0x4E00, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},  {0xF900, 0xFAFF},
                          {0xFE30, 0xFE6F},   {0xFF01, 0xFF60},   {0xFFE0, 0xFFE6},  {0x1F300, 0x1F64F},
                          {0x1F680, 0x1F6FF}, {0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD}};

template <std::size_t N>
bool contains(const Range (&ranges)[N], char32_t code) {
  const Range* range = std::lower_bound(std::begin(ranges), std::end(ranges), code,
                                        [](const Range& r, char32_t c) { return r.last < c; });
  return range != std::end(ranges) && range->first <= code;
}

int width_of(char32_t code) { return contains(narrow, code) ? 0 : contains(wide, code) ? 2 : 1; }

/// Calls take(code point, its bytes) for each code point, U+FFFD standing for each bad byte and control character.
template <class Take>
void each_printable(std::string_view text, Take&& take) {
  while (!text.empty()) {
    const CodePoint code = first_code_point(text);
    const bool control = code.value < 0x20 || (code.value >= 0x7F && code.value < 0xA0);
    const std::size_t bytes = std::max<std::size_t>(code.bytes, 1);
    if (control || code.bytes == 0)
      take(U'\uFFFD', "\uFFFD");
    else
      take(code.value, text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
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
  int width = 0;
  each_printable(text, [&](char32_t code, std::string_view) { width += width_of(code); });
  return width;
}

std::string printable(std::string_view text) {
  std::string result;
  each_printable(text, [&](char32_t, std::string_view bytes) { result += bytes; });
  return result;
}

std::string shortened(std::string_view text, int columns, bool utf8) {
  if (display_width(text) <= columns) return printable(text);
  if (columns <= 0) return {};
  std::string result;
  int width = 0;
  bool full = false;
  each_printable(text, [&](char32_t code, std::string_view bytes) {
    full = full || width + width_of(code) > columns - 1;  // one column is the ellipsis's
    if (full) return;
    result += bytes;
    width += width_of(code);
  });
  return result + (utf8 ? "…" : "~");
}

}  // namespace heed::nn
