#include "heed/nn/data/sentence_pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "heed/nn/data/internal/visible.h"
#include "heed/nn/data/text.h"
#include "heed/tensor/error.h"

namespace heed::nn {
namespace {

SentencePair parse(const std::string& where, std::string_view line) {
  const std::size_t tab = line.find('\t');
  if (tab == std::string_view::npos)
    throw FormatError(fmt::format("{}: one column: expected source, tab, target", where));
  if (const std::size_t cr = line.find('\r', tab); cr != std::string_view::npos && line.find('\t', cr) != line.npos)
    throw FormatError(fmt::format(
        "{}: a CR inside the line, with a tab on either side: where lines end in CR alone, convert them to LF first "
        "(tr '\\r' '\\n')",
        where));
  const std::string_view source = visible_part(line.substr(0, tab)), rest = line.substr(tab + 1),
                         target = visible_part(rest.substr(0, rest.find('\t')));
  if (source.empty() || target.empty())
    throw FormatError(fmt::format("{}: the {} sentence is empty", where, source.empty() ? "source" : "target"));
  return {std::string(source), std::string(target)};
}

void check(std::string_view reader, const SentencePairLimits& limits) {
  if (limits.max_pairs < 1)
    throw Error(fmt::format("{}: max_pairs is {}, expected 1 or more", reader, limits.max_pairs));
}

std::vector<std::string> all_lines(const std::string& path, const SentencePairLimits& limits) {
  std::vector<std::string> lines;
  read_lines(path, limits.lines, [&](std::int64_t, std::string_view line) {
    lines.emplace_back(line);
    return true;
  });
  return lines;
}

}  // namespace

std::vector<SentencePair> read_sentence_pairs(const std::string& path, const SentencePairLimits& limits) {
  check("read_sentence_pairs", limits);
  std::vector<SentencePair> pairs;
  const auto full = [&] { return static_cast<std::int64_t>(pairs.size()) >= limits.max_pairs; };
  read_lines(path, limits.lines, [&](std::int64_t number, std::string_view line) {
    const bool blank = line.find('\t') == std::string_view::npos && visible_part(line).empty();
    if (!blank) pairs.push_back(parse(fmt::format("{}:{}", path, number), line));
    return !full();
  });
  if (pairs.empty()) throw FormatError(fmt::format("{}: no sentence pairs in the file", path));
  return pairs;
}

std::vector<SentencePair> read_parallel_sentences(const std::string& source_path, const std::string& target_path,
                                                  const SentencePairLimits& limits) {
  check("read_parallel_sentences", limits);
  const std::vector<std::string> sources = all_lines(source_path, limits), targets = all_lines(target_path, limits);
  if (sources.size() != targets.size())
    throw FormatError(fmt::format("{} has {} lines, {} has {}: a sentence and its translation stand on the same line",
                                  source_path, sources.size(), target_path, targets.size()));
  std::vector<SentencePair> pairs;
  for (std::size_t i = 0; i < sources.size() && static_cast<std::int64_t>(i) < limits.max_pairs; ++i) {
    const std::string_view source = visible_part(sources[i]), target = visible_part(targets[i]);
    if (source.empty() && target.empty()) continue;
    if (source.empty() || target.empty())
      throw FormatError(fmt::format("{}:{}: the sentence is empty", source.empty() ? source_path : target_path, i + 1));
    pairs.push_back({std::string(source), std::string(target)});
  }
  if (pairs.empty()) throw FormatError(fmt::format("{}: no sentence pairs in the file", source_path));
  return pairs;
}

SentenceSplit split_by_source(std::vector<SentencePair> pairs, std::int64_t held_out, Generator& generator) {
  const auto total = static_cast<std::int64_t>(pairs.size());
  if (held_out < 0 || held_out > total)
    throw IndexError(fmt::format("split_by_source: {} pairs to hold out of {}", held_out, total));

  std::unordered_map<std::string, std::size_t> groups;  // by first appearance
  std::vector<std::size_t> group_of;
  std::vector<std::int64_t> group_sizes;
  for (const SentencePair& pair : pairs) {
    const std::size_t group = groups.emplace(join_words(words(pair.source)), groups.size()).first->second;
    if (group == group_sizes.size()) group_sizes.push_back(0);
    ++group_sizes[group];
    group_of.push_back(group);
  }

  std::vector<bool> is_held_out(groups.size(), false);
  std::int64_t drawn = 0;
  for (std::int64_t index : permutation(generator, static_cast<std::int64_t>(groups.size()))) {
    if (drawn >= held_out) break;
    const auto group = static_cast<std::size_t>(index);
    is_held_out[group] = true;
    drawn += group_sizes[group];
  }

  SentenceSplit split;
  for (std::size_t i = 0; i < pairs.size(); ++i)
    (is_held_out[group_of[i]] ? split.held_out : split.train).push_back(std::move(pairs[i]));
  return split;
}

}  // namespace heed::nn
