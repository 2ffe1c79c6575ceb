#include "heed/tensor/internal/known_beginning.h"

#include <algorithm>
#include <array>

namespace heed {

bool begins_as_page(std::string_view start) {
  start.remove_prefix(std::min(start.find_first_not_of(" \t\r\n"), start.size()));
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  constexpr std::array<std::string_view, 3> marks{"<!doctype html", "<html", "<?xml"};
  return std::ranges::any_of(
      marks, [&](std::string_view mark) { return std::ranges::equal(start.substr(0, mark.size()), mark, same); });
}

std::string_view known_beginning(std::string_view start) {
  if (begins_as_page(start)) return "it is a web page or XML: the server has answered with a page in place of the file";
  if (start.starts_with("version https://git-lfs")) return "it is a Git LFS pointer, not the file it points to";
  if (start.starts_with("PK\x03\x04")) return "it is a zip archive: unpack it first";
  return {};
}

}  // namespace heed
