// A strict little reader for the XML our pictures are made of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "heed/nn/data/utf8.h"

namespace heed::test {

/// What is wrong with `xml`; empty when every tag closes in order, attributes are quoted, and no stray & < > or control
/// character is left.
inline std::string xml_error(std::string_view xml) {
  if (nn::first_invalid_utf8(xml) != std::string_view::npos) return "not UTF-8";
  std::vector<std::string> open;
  for (std::size_t i = 0; i < xml.size();) {
    const auto byte = static_cast<unsigned char>(xml[i]);
    if (byte < 0x20 && xml[i] != '\n') return "control character";
    if (xml[i] == '>') return "stray >";
    if (xml[i] == '&') {
      const std::string_view entity = xml.substr(i, xml.find(';', i) - i);
      if (entity != "&amp" && entity != "&lt" && entity != "&gt" && entity != "&quot" && entity != "&apos")
        return "unknown entity " + std::string(entity);
    }
    if (xml[i] != '<') {
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    for (char quote = 0; end < xml.size() && (quote != 0 || xml[end] != '>'); ++end) {
      if (xml[end] == '<') return "stray <";
      if (xml[end] == quote)
        quote = 0;
      else if (quote == 0 && (xml[end] == '"' || xml[end] == '\''))
        quote = xml[end];
    }
    if (end >= xml.size()) return "tag without end";
    const std::string_view tag = xml.substr(i + 1, end - i - 1);
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) return "closing " + std::string(tag);
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.emplace_back(tag.substr(0, tag.find(' ')));
    }
    i = end + 1;
  }
  return open.empty() ? "" : "unclosed " + open.back();
}

inline int occurrences(std::string_view text, std::string_view part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

}  // namespace heed::test
