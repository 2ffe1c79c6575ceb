// The words of a task's made-up language and their ids.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heed::models {

/// Word i of the list has id i. The texts must outlive the list.
class WordList {
 public:
  /// FormatError for a word that is there twice.
  WordList(std::string_view task, std::vector<std::string_view> words);

  std::int64_t size() const { return std::ssize(words_); }
  std::string_view word(std::int64_t id) const;               ///< IndexError for an id that is none
  std::int64_t id(std::string_view word) const;               ///< FormatError for a word that is none
  std::string text(std::span<const std::int64_t> ids) const;  ///< the words with blanks between; IndexError

 private:
  std::string_view task_;
  std::vector<std::string_view> words_;
};

}  // namespace heed::models
