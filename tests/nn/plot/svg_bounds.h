// Where the texts of a picture end.
#pragma once

#include <cmath>
#include <cstdlib>
#include <numbers>
#include <string>
#include <string_view>

#include "heed/nn/plot/svg.h"

namespace heed::test {

inline std::string attribute(std::string_view tag, std::string_view name) {
  const std::size_t at = tag.find(" " + std::string(name) + "=");
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + name.size() + 3;
  return std::string(tag.substr(begin, tag.find(tag[begin - 1], begin) - begin));
}

/// Those texts of `svg` that stand partly outside of the picture, one a line; their widths are what text_width() says.
inline std::string texts_outside(std::string_view svg) {
  const auto number = [](const std::string& text) { return std::strtod(text.c_str(), nullptr); };
  const double page_width = number(attribute(svg, "width")), page_height = number(attribute(svg, "height"));
  std::string outside;
  for (std::size_t at = svg.find("<text "); at != std::string_view::npos; at = svg.find("<text ", at + 1)) {
    const std::size_t tag_end = svg.find('>', at);
    const std::string_view tag = svg.substr(at, tag_end - at);
    std::string text(svg.substr(tag_end + 1, svg.find("</text>", at) - tag_end - 1));
    if (const std::size_t title = text.find("</title>"); title != std::string::npos) text.erase(0, title + 8);
    for (const auto& [entity, character] :
         {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&amp;", "&"}})
      for (std::size_t found; (found = text.find(entity)) != std::string::npos;)
        text.replace(found, std::string_view(entity).size(), character);

    const double size = number(attribute(tag, "font-size")), x = number(attribute(tag, "x")),
                 y = number(attribute(tag, "y"));
    const double width = nn::text_width(text, size, attribute(tag, "font-weight") == "bold");
    const std::string anchor = attribute(tag, "text-anchor"), turn = attribute(tag, "transform");
    const double angle = turn.empty() ? 0 : number(turn.substr(7)) * std::numbers::pi / 180;
    const double begin = anchor == "end" ? -width : anchor == "middle" ? -width / 2 : 0;
    for (const double along : {begin, begin + width})
      for (const double across : {-0.75 * size, 0.0}) {  // capitals; what hangs below the line has the margin
        const double px = x + along * std::cos(angle) - across * std::sin(angle),
                     py = y + along * std::sin(angle) + across * std::cos(angle);
        if (px < 0 || px > page_width || py < 0 || py > page_height) {
          outside += text + "\n";
          break;
        }
      }
  }
  return outside;
}

}  // namespace heed::test
