// What all SVG pictures have in common: a background that is legible on light and dark pages, text that cannot break
// the XML, and an estimate of the width of text, since the font is the viewer's.
#pragma once

#include <limits>
#include <string>
#include <string_view>

namespace heed::nn {

/// `text` for use between tags and in attributes: & < > " ' escaped, what XML 1.0 cannot hold replaced by U+FFFD.
std::string xml_text(std::string_view text);

/// The width of `text` in a sans-serif font of `size` pixels: an estimate by kinds of characters, on the generous side
/// (as wide as DejaVu Sans, the widest of the usual fonts).
double text_width(std::string_view text, double size, bool bold = false);

/// A whole document: `body` on an opaque white sheet of so many pixels; `title` is its accessible name.
/// An attribute of its root says that heed made it.
std::string svg_document(double width, double height, std::string_view title, std::string_view body);

/// FormatError unless nothing is there or a picture that svg_document() or attention_page() has made; IoError when it
/// cannot be read. `flag` is what names the path, for the message.
void check_replaceable_picture(const std::string& path, std::string_view flag = "--out");

struct TextStyle {
  double size = 12;
  std::string_view anchor = "start";  ///< start, middle or end of the text stands at x
  double angle = 0;                   ///< degrees, turned about (x, y); negative turns upwards
  bool bold = false;
  std::string_view colour = "#222";
  double max_width = std::numeric_limits<double>::infinity();  ///< pixels; a wider text is cut, its tooltip is whole
};

/// One line of text with its base line through (x, y), escaped.
std::string svg_text(double x, double y, std::string_view text, const TextStyle& style = {});

/// A rectangle and a line; `style` holds further attributes.
std::string svg_rect(double x, double y, double width, double height, std::string_view style);
std::string svg_line(double x1, double y1, double x2, double y2, std::string_view style);

}  // namespace heed::nn
