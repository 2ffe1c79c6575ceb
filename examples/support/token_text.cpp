#include "examples/support/token_text.h"

#include <algorithm>
#include <sstream>

namespace heed::examples {
namespace {

// Whether a byte of UTF-8 is the first of its character.
bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

LmTokens tokens_for(const SubwordOptions& options, const Alphabet& alphabet, const std::string& read) {
  std::vector<std::string> lines = alphabet.characters();
  std::erase(lines, "\n");
  std::istringstream text(read);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  if (auto subwords = subword_model(options, lines)) return {*std::move(subwords)};
  return {alphabet};
}

}  // namespace

std::int64_t TokenText::unknown() const {
  if (!tokens.subwords()) return 0;
  const std::int64_t id = tokens.subwords()->unknown();
  return std::count(read.begin(), read.end(), id) + std::count(held_out.begin(), held_out.end(), id);
}

TokenText tokenize(const std::string& text, const SubwordOptions& options) {
  const Alphabet alphabet(text);
  const std::int64_t characters = std::count_if(text.begin(), text.end(), begins_character), read = characters / 10 * 9;
  std::size_t split = 0;
  for (std::int64_t i = 0; split < text.size() && (i += begins_character(text[split])) <= read;) ++split;
  TokenText result{.tokens = tokens_for(options, alphabet, text.substr(0, split))};
  result.read = result.tokens.encode(std::string_view(text).substr(0, split));
  result.held_out = result.tokens.encode(std::string_view(text).substr(split));
  result.held_out_characters = static_cast<double>(characters - read);
  return result;
}

std::string whole_characters(const std::string& text, std::size_t bytes) {
  bytes = std::min(bytes, text.size());
  while (bytes > 0 && bytes < text.size() && !begins_character(text[bytes])) --bytes;
  return text.substr(0, bytes);
}

}  // namespace heed::examples
