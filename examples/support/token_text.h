// A text to learn from, as tokens.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "examples/support/lm_tokens.h"
#include "examples/support/subword_options.h"

namespace heed::examples {

/// Nine tenths of a text to learn from, and the last tenth of its characters.
struct TokenText {
  LmTokens tokens;
  std::vector<std::int64_t> read = {}, held_out = {};
  double held_out_characters = 0;

  std::int64_t size() const { return std::ssize(read) + std::ssize(held_out); }

  /// How many tokens stand for characters that the pieces do not have.
  std::int64_t unknown() const;

  /// Nats per character of a model that has so many per token.
  double per_character(double loss) const { return loss * static_cast<double>(held_out.size()) / held_out_characters; }
};

/// Characters, or the pieces that the flags ask for. Pieces are learned from what is read, and from one of each
/// character that is held out.
TokenText tokenize(const std::string& text, const SubwordOptions& options);

/// The first bytes of a UTF-8 text, no character cut in two.
std::string whole_characters(const std::string& text, std::size_t bytes);

}  // namespace heed::examples
