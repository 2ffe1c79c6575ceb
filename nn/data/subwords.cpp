#include "heed/nn/data/subwords.h"

#include <string_view>

namespace heed::nn {
namespace {

std::string join_continued(const std::vector<std::string>& pieces) {
  std::string text;
  for (const std::string& piece : pieces) {
    if (piece.ends_with("@@"))
      text.append(piece, 0, piece.size() - 2);
    else
      text.append(piece) += ' ';
  }
  return text;
}

std::string join_word_begin(const std::vector<std::string>& pieces) {
  constexpr std::string_view blank = "▁";
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  for (std::size_t at = text.find(blank); at != text.npos; at = text.find(blank, at))
    text.replace(at, blank.size(), " ");
  return text;
}

}  // namespace

std::string join_subwords(const std::vector<std::string>& pieces, SubwordStyle style) {
  const std::string text = style == SubwordStyle::continued ? join_continued(pieces) : join_word_begin(pieces);
  const std::size_t first = text.find_first_not_of(' ');
  return first == text.npos ? std::string() : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace heed::nn
