#include "examples/support/alphabet.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "heed/nn/data/utf8.h"
#include "heed/tensor/error.h"

namespace heed::examples {

Alphabet::Alphabet(std::string_view text) {
  const std::u32string code_points = nn::decode_utf8(text);
  for (char32_t code : std::set<char32_t>(code_points.begin(), code_points.end()))
    nn::append_utf8(characters_.emplace_back(), code);
}

Alphabet::Alphabet(std::vector<std::string> characters) : characters_(std::move(characters)) {
  for (const std::string& one : characters_)
    if (nn::first_invalid_utf8(one) != std::string::npos || nn::characters(one).size() != 1)
      throw FormatError("its alphabet holds something that is no character");
  // UTF-8 sorts as the code points do.
  if (std::adjacent_find(characters_.begin(), characters_.end(), std::greater_equal<>()) != characters_.end())
    throw FormatError("its alphabet is not in the order of Unicode");
}

std::vector<std::int64_t> Alphabet::encode(std::string_view text) const {
  std::vector<std::int64_t> ids;
  for (const std::string& one : nn::characters(text)) {
    const auto found = std::lower_bound(characters_.begin(), characters_.end(), one);
    if (found == characters_.end() || *found != one)
      throw FormatError(fmt::format("the model does not know the character '{}'", one));
    ids.push_back(found - characters_.begin());
  }
  return ids;
}

}  // namespace heed::examples
