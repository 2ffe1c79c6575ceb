#include "heed/nn/plot/svg.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "heed/nn/data/unicode.h"
#include "heed/nn/data/utf8.h"
#include "heed/nn/train/terminal.h"
#include "heed/tensor/error.h"

namespace heed::nn {

std::string xml_text(std::string_view text) {
  std::string result;
  const std::string clean = printable(text);
  for (std::size_t i = 0; i < clean.size(); ++i) {
    const std::string_view rest = std::string_view(clean).substr(i);
    if (rest.starts_with("\uFFFE") || rest.starts_with("\uFFFF")) {  // well-formed UTF-8, but no XML characters
      result += "\uFFFD";
      i += 2;
      continue;
    }
    switch (clean[i]) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&apos;";
        break;
      default:
        result += clean[i];
    }
  }
  return result;
}

namespace {

/// The width of one grapheme cluster in parts of the font's size.
double relative_width(std::u32string_view cluster) {
  const int columns = grapheme_width(cluster);
  const char32_t code = cluster[0];
  const auto is_one_of = [&](std::u32string_view set) { return set.find(code) != std::u32string_view::npos; };
  const CharacterKind kind = character_kind(code);
  if (columns == 0) return 0;
  if (columns == 2) return kind == CharacterKind::symbol ? 1.35 : 1.05;
  if (is_one_of(U"ijl.,:;'|!")) return 0.41;
  if (is_one_of(U" frtIJ\"()[]-/\\")) return 0.46;
  if (is_one_of(U"mwMW%@ÆæŒœ")) return 1.03;
  if (code >= 0x370 || kind != CharacterKind::letter) return code < 0x80 ? 0.85 : 1;
  return lower(code) == code ? 0.65 : 0.8;
}

/// The start of `codes` in whole clusters that is at most `max_width` wide, and its width.
struct Fitting {
  std::u32string_view start;
  double width = 0;

  Fitting(std::u32string_view codes, double max_width) {
    std::size_t end = 0;
    while (end < codes.size()) {
      const std::u32string_view cluster = codes.substr(end, first_grapheme(codes.substr(end)));
      if (width + relative_width(cluster) > max_width + 1e-6) break;  // max_width may be what text_width() gave
      width += relative_width(cluster);
      end += cluster.size();
    }
    start = codes.substr(0, end);
  }
};

constexpr double bold_factor = 1.13;

constexpr std::string_view origin = R"(data-made-by="heed")";

}  // namespace

double text_width(std::string_view text, double size, bool bold) {
  const std::u32string codes = decode_utf8(printable(text));
  return Fitting(codes, std::numeric_limits<double>::infinity()).width * size * (bold ? bold_factor : 1);
}

std::string svg_document(double width, double height, std::string_view title, std::string_view body) {
  return fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0:.0f}" height="{1:.0f}" viewBox="0 0 {0:.0f} {1:.0f}" )"
      R"(font-family="'DejaVu Sans', 'Helvetica Neue', Arial, 'Noto Sans', 'Noto Sans CJK SC', sans-serif" role="img" {4}>)"
      "\n<title>{2}</title>\n"
      R"(<rect width="{0:.0f}" height="{1:.0f}" rx="6" fill="#fff"/>)"
      "\n{3}</svg>\n",
      width, height, xml_text(title), body, origin);
}

void check_replaceable_picture(const std::string& path, std::string_view flag) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw IoError(fmt::format("{}: cannot read: {}", path, std::strerror(errno)));
  std::string start(1024, '\0');  // the root element is first
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  if (start.find(origin) == std::string::npos)
    throw FormatError(fmt::format(
        "{}: would be replaced, but is no picture of this program: move it away or choose another {}", path, flag));
}

std::string svg_text(double x, double y, std::string_view text, const TextStyle& style) {
  const std::string turn =
      style.angle == 0 ? "" : fmt::format(" transform='rotate({:g} {:.1f} {:.1f})'", style.angle, x, y);
  const std::u32string codes = decode_utf8(printable(text));
  const double max_width = style.max_width / (style.size * (style.bold ? bold_factor : 1));
  std::string shown, tooltip;
  if (const Fitting whole(codes, max_width); whole.start.size() == codes.size()) {
    shown = xml_text(text);
  } else {
    std::string start;
    for (const char32_t code : Fitting(codes, max_width - relative_width(U"…")).start) append_utf8(start, code);
    shown = xml_text(start) + "…";
    tooltip = "<title>" + xml_text(text) + "</title>";
  }
  return fmt::format(R"(<text x="{:.1f}" y="{:.1f}" font-size="{:g}" text-anchor="{}" fill="{}"{}{}>{}{}</text>)"
                     "\n",
                     x, y, style.size, style.anchor, style.colour, style.bold ? R"( font-weight="bold")" : "", turn,
                     tooltip, shown);
}

std::string svg_rect(double x, double y, double width, double height, std::string_view style) {
  return fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" {}/>)", x, y, width, height, style) +
         "\n";
}

std::string svg_line(double x1, double y1, double x2, double y2, std::string_view style) {
  return fmt::format(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" {}/>)", x1, y1, x2, y2, style) + "\n";
}

}  // namespace heed::nn
