#include "examples/support/lm_tokens.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "heed/tensor/error.h"

namespace heed::examples {
namespace {

// Calls use(line, ended) for each line; the last one has no end.
template <class Use>
void for_each_line(std::string_view text, Use&& use) {
  for (std::size_t end; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1))
    use(text.substr(0, end), true);
  if (!text.empty()) use(text, false);
}

}  // namespace

LmTokens LmTokens::from_description(const nlohmann::json& description) {
  if (const auto subwords = description.find("subwords"); subwords != description.end())
    return {SubwordModel::from_hex(subwords->get<std::string>())};
  return {Alphabet(description.at("characters").get<std::vector<std::string>>())};
}

void LmTokens::describe(nlohmann::json& description) const {
  if (subwords())
    description["subwords"] = subwords()->hex();
  else
    description["characters"] = std::get<Alphabet>(kind).characters();
}

std::int64_t LmTokens::size() const {
  return std::visit([](const auto& tokens) { return tokens.size(); }, kind);
}

const SubwordModel* LmTokens::subwords() const { return std::get_if<SubwordModel>(&kind); }

const char* LmTokens::unit() const { return subwords() ? "pieces" : "characters"; }

std::int64_t LmTokens::beginning() const {
  return subwords() ? subwords()->end() : 0;  // an alphabet's first character is often the end of a line
}

std::vector<std::int64_t> LmTokens::encode(std::string_view text) const {
  if (!subwords()) return std::get<Alphabet>(kind).encode(text);
  std::vector<std::int64_t> ids;
  for_each_line(text, [&](std::string_view line, bool ended) {
    const std::vector<std::int64_t> pieces = subwords()->encode(line);
    ids.insert(ids.end(), pieces.begin(), pieces.end());
    if (ended) ids.push_back(subwords()->end());
  });
  return ids;
}

void LmTokens::check_known(std::string_view text) const {
  if (!subwords()) return static_cast<void>(encode(text));
  for_each_line(text, [&](std::string_view line, bool) {
    if (const auto unknown = subwords()->unknown_in(line))
      throw FormatError(fmt::format("the model's pieces do not have '{}'", *unknown));
  });
}

std::string LmTokens::text_of(std::int64_t id, bool begins_line) const {
  if (!subwords()) return std::get<Alphabet>(kind)[id];
  return id == subwords()->end() ? "\n" : subwords()->text_of(id, begins_line);
}

}  // namespace heed::examples
