#include "heed/nn/data/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "heed/tensor/error.h"

namespace heed::nn {
namespace {
constexpr std::array<std::string_view, 4> special_tokens{"<pad>", "<bos>", "<eos>", "<unk>"};
}

Vocabulary::Vocabulary() {
  for (std::string_view token : special_tokens) append(std::string(token));
}

Vocabulary::Vocabulary(const std::map<std::string, std::int64_t>& counts, const VocabularyConfig& config)
    : Vocabulary() {
  using Count = std::pair<std::string_view, std::int64_t>;
  std::vector<Count> frequent;
  for (const auto& [token, count] : counts)
    if (count >= config.min_count && !ids_.contains(token)) frequent.emplace_back(token, count);
  std::sort(frequent.begin(), frequent.end(), [](const Count& a, const Count& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;  // bytewise among equals
  });
  for (const Count& count : frequent) {
    if (size() >= config.max_size) break;
    append(std::string(count.first));
  }
}

Vocabulary::Vocabulary(std::vector<std::string> tokens) {
  if (tokens.size() < special_tokens.size() ||
      !std::equal(special_tokens.begin(), special_tokens.end(), tokens.begin()))
    throw FormatError(
        fmt::format("vocabulary: a list of {} tokens does not begin with <pad> <bos> <eos> <unk>", tokens.size()));
  for (std::string& token : tokens) append(std::move(token));
}

void Vocabulary::append(std::string token) {
  const auto [entry, added] = ids_.emplace(token, size());
  if (!added) throw FormatError(fmt::format("vocabulary: token '{}' is at {} and at {}", token, entry->second, size()));
  tokens_.push_back(std::move(token));
}

std::int64_t Vocabulary::id(std::string_view token) const {
  const auto entry = ids_.find(token);
  return entry == ids_.end() ? unk : entry->second;
}

const std::string& Vocabulary::token(std::int64_t id) const {
  if (id < 0 || id >= size()) throw IndexError(fmt::format("vocabulary: id {} is outside [0, {})", id, size()));
  return tokens_[static_cast<std::size_t>(id)];
}

std::vector<std::int64_t> Vocabulary::encode(const std::vector<std::string>& words) const {
  std::vector<std::int64_t> ids(words.size());
  std::transform(words.begin(), words.end(), ids.begin(), [this](const std::string& word) { return id(word); });
  return ids;
}

std::vector<std::string> Vocabulary::decode(std::span<const std::int64_t> ids) const {
  std::vector<std::string> words;
  for (std::int64_t id : ids) {
    if (id == eos) break;
    const std::string& word = token(id);
    if (id != pad && id != bos) words.push_back(word);
  }
  return words;
}

}  // namespace heed::nn
