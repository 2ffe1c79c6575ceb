// What a language model reads and writes: the characters of a text, or pieces of its words.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "examples/support/alphabet.h"
#include "examples/support/subword_model.h"

namespace heed::examples {

/// Characters, or the pieces of a text's lines with </s> behind each line, where the text has the end of the line.
struct LmTokens {
  std::variant<Alphabet, SubwordModel> kind;

  /// As a model's file describes them: "characters", or "subwords" with SentencePiece's model. FormatError.
  static LmTokens from_description(const nlohmann::json& description);
  void describe(nlohmann::json& description) const;

  std::int64_t size() const;
  const char* unit() const;              ///< "characters" or "pieces"
  const SubwordModel* subwords() const;  ///< null where tokens are characters
  std::int64_t beginning() const;        ///< what a text without a prompt begins after: the end of a line

  /// FormatError for an unknown character where tokens are characters; in pieces it is <unk>.
  std::vector<std::int64_t> encode(std::string_view text) const;

  /// FormatError that names the first character of the text that is unknown.
  void check_known(std::string_view text) const;

  /// What the token adds to the text that is being written.
  std::string text_of(std::int64_t id, bool begins_line) const;
};

}  // namespace heed::examples
