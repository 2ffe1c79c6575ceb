#include "examples/support/svg.h"

#include <fmt/format.h>

#include "heed/nn/train/terminal.h"

namespace heed::examples {

std::string xml_text(std::string_view text) {
  std::string result;
  const std::string clean = nn::printable(text);
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

double text_width(std::string_view text, double size) { return 0.62 * size * nn::display_width(text); }

std::string svg_document(double width, double height, std::string_view title, std::string_view body) {
  return fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0:.0f}" height="{1:.0f}" viewBox="0 0 {0:.0f} {1:.0f}" )"
      R"(font-family="'DejaVu Sans', 'Helvetica Neue', Arial, 'Noto Sans', 'Noto Sans CJK SC', sans-serif" role="img">)"
      "\n<title>{2}</title>\n"
      R"(<rect width="{0:.0f}" height="{1:.0f}" rx="6" fill="#fff"/>)"
      "\n{3}</svg>\n",
      width, height, xml_text(title), body);
}

std::string svg_text(double x, double y, std::string_view text, const TextStyle& style) {
  const std::string turn =
      style.angle == 0 ? "" : fmt::format(" transform='rotate({:g} {:.1f} {:.1f})'", style.angle, x, y);
  return fmt::format(R"(<text x="{:.1f}" y="{:.1f}" font-size="{:g}" text-anchor="{}" fill="{}"{}{}>{}</text>)"
                     "\n",
                     x, y, style.size, style.anchor, style.colour, style.bold ? R"( font-weight="bold")" : "", turn,
                     xml_text(text));
}

std::string svg_rect(double x, double y, double width, double height, std::string_view style) {
  return fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" {}/>)", x, y, width, height, style) +
         "\n";
}

std::string svg_line(double x1, double y1, double x2, double y2, std::string_view style) {
  return fmt::format(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" {}/>)", x1, y1, x2, y2, style) + "\n";
}

}  // namespace heed::examples
