#include "heed/models/tasks/word_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/tensor/error.h"

namespace heed::models {

WordList::WordList(std::string_view task, std::vector<std::string_view> words) : task_(task), words_(std::move(words)) {
  for (auto word = words_.begin(); word != words_.end(); ++word)
    if (std::find(words_.begin(), word, *word) != word)
      throw FormatError(fmt::format("{}: the word '{}' twice", task_, *word));
}

std::string_view WordList::word(std::int64_t id) const {
  if (id < 0 || id >= size()) throw IndexError(fmt::format("{}: word {} is outside 0 to {}", task_, id, size() - 1));
  return words_[static_cast<std::size_t>(id)];
}

std::int64_t WordList::id(std::string_view word) const {
  const auto found = std::ranges::find(words_, word);
  if (found == words_.end()) throw FormatError(fmt::format("{}: no word '{}'", task_, word));
  return found - words_.begin();
}

std::string WordList::text(std::span<const std::int64_t> ids) const {
  std::string result;
  for (const std::int64_t id : ids) {
    if (!result.empty()) result += ' ';
    result += word(id);
  }
  return result;
}

}  // namespace heed::models
