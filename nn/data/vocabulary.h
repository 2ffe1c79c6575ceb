// Vocabulary: the tokens of one language and their ids, which are rows of an embedding table and classes of a softmax.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace heed::nn {

struct VocabularyConfig {
  std::int64_t min_count = 1;                                        ///< rarer tokens become <unk>
  std::int64_t max_size = std::numeric_limits<std::int64_t>::max();  ///< special tokens included
};

class Vocabulary {
 public:
  static constexpr std::int64_t pad = 0, bos = 1, eos = 2, unk = 3;

  /// The special tokens <pad> <bos> <eos> <unk> alone.
  Vocabulary();

  /// After the special tokens the others by falling count, equal counts in bytewise order. A special token's name among
  /// the counts is not counted: it would take that token's meaning.
  explicit Vocabulary(const std::map<std::string, std::int64_t>& counts, const VocabularyConfig& config = {});

  /// What tokens() gave, for reading a saved vocabulary. FormatError unless it begins with the special tokens and holds
  /// nothing twice.
  explicit Vocabulary(std::vector<std::string> tokens);

  std::int64_t size() const { return static_cast<std::int64_t>(tokens_.size()); }
  const std::vector<std::string>& tokens() const { return tokens_; }

  /// The id of `token`; unk when it is not in the vocabulary.
  std::int64_t id(std::string_view token) const;
  /// IndexError outside [0, size).
  const std::string& token(std::int64_t id) const;

  /// The id of each word. Adds neither <bos> nor <eos>.
  std::vector<std::int64_t> encode(const std::vector<std::string>& words) const;
  /// The words up to the first <eos>, without <pad> and <bos>. IndexError as token().
  std::vector<std::string> decode(std::span<const std::int64_t> ids) const;

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;  // look up a string_view without making a string
  };

  void append(std::string token);

  std::vector<std::string> tokens_;
  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> ids_;
};

}  // namespace heed::nn
