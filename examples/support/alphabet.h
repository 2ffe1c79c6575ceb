// The characters of a text and their numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heed::examples {

/// The characters (code points) of a text by their number, in the order of Unicode.
class Alphabet {
 public:
  explicit Alphabet(std::string_view text);  ///< FormatError unless UTF-8
  explicit Alphabet(
      std::vector<std::string> characters);  ///< as saved; FormatError unless each is one character, rising

  std::int64_t size() const { return static_cast<std::int64_t>(characters_.size()); }
  const std::vector<std::string>& characters() const { return characters_; }
  const std::string& operator[](std::int64_t id) const { return characters_[static_cast<std::size_t>(id)]; }

  /// FormatError for a character that is not in it.
  std::vector<std::int64_t> encode(std::string_view text) const;

 private:
  std::vector<std::string> characters_;
};

}  // namespace heed::examples
