#include "heed/models/ngram.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "heed/nn/internal/check_sizes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::models {
namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t longest_order = 64;

using Ids = std::span<const std::int64_t>;

// With the heed kernels' logarithm: the same bits on every processor.
Surprisal surprisal_of(const std::vector<double>& probabilities) {
  Tensor p = empty({static_cast<std::int64_t>(probabilities.size())}, DType::f64);
  std::copy(probabilities.begin(), probabilities.end(), p.mutable_data<double>());
  return {0 - sum(log(p)).item(), p.numel()};
}

const NgramConfig& checked(const NgramConfig& c) {
  nn::check_sizes("ngram", {{"vocabulary", c.vocabulary}, {"order", c.order}});
  if (c.order > longest_order)
    throw ShapeError(fmt::format("ngram: order is {}, expected at most {}", c.order, longest_order));
  if (!(c.delta >= 0) || std::isinf(c.delta))
    throw Error(fmt::format("ngram: delta is {}, expected a finite number >= 0", c.delta));
  return c;
}

}  // namespace

double Surprisal::perplexity() const { return std::exp(per_token()); }

Ngram::Ngram(const Config& c) : seen_(to_size(checked(c).order)), config_(c) {}

std::size_t Ngram::Hash::operator()(const Key& key) const noexcept {
  // SplitMix64's finaliser (Steele, Lea and Flood 2014): consecutive ids must not share a bucket.
  std::uint64_t x =
      static_cast<std::uint64_t>(key.context) * 0x9E3779B97F4A7C15u + static_cast<std::uint64_t>(key.token);
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return static_cast<std::size_t>(x ^ (x >> 31));
}

std::int64_t Ngram::found(const Table& table, const Key& key, std::int64_t otherwise) const {
  const auto at = table.find(key);
  return at == table.end() ? otherwise : at->second;
}

void Ngram::check_ids(const char* operation, Ids ids) const {
  for (const std::int64_t id : ids)
    if (id < 0 || id >= config_.vocabulary)
      throw IndexError(fmt::format("{}: id {} is outside [0, {})", operation, id, config_.vocabulary));
}

std::vector<std::int64_t> Ngram::padded(Ids line, std::int64_t bos, std::int64_t eos) const {
  std::vector<std::int64_t> text(to_size(config_.order - 1), bos);
  text.insert(text.end(), line.begin(), line.end());
  text.push_back(eos);
  return text;
}

// `context` has n - 1 tokens; the shorter contexts, which interpolation reads, are counted on the way.
void Ngram::count(Ids context, std::int64_t token, std::int64_t times) {
  std::int64_t at = 0;
  for (auto oldest = context.rbegin();; ++oldest) {
    std::int64_t& seen = counts_[{at, token}];
    Context& node = contexts_[to_size(at)];
    if (node.total == 0) ++seen_[to_size(node.length)];
    node.different += seen == 0;
    node.total += times;
    seen += times;
    if (oldest == context.rend()) return;
    const auto [next, added] = longer_.try_emplace({at, *oldest}, static_cast<std::int64_t>(contexts_.size()));
    if (added) contexts_.push_back({.parent = at, .oldest = *oldest, .length = node.length + 1});
    at = next->second;
  }
}

void Ngram::fit(Ids text) {
  check_ids("ngram", text);
  const auto before = to_size(config_.order - 1);
  for (std::size_t i = before; i < text.size(); ++i) count(text.subspan(i - before, before), text[i], 1);
}

void Ngram::fit_lines(const std::vector<std::vector<std::int64_t>>& lines, std::int64_t bos, std::int64_t eos) {
  for (const auto& line : lines) check_ids("ngram", line);
  check_ids("ngram", std::array{bos, eos});
  for (const auto& line : lines) fit(padded(line, bos, eos));
}

double Ngram::probability(Ids context, std::int64_t token) const {
  const double uniform = 1 / static_cast<double>(config_.vocabulary);
  double p = uniform;
  std::int64_t at = 0;
  for (auto oldest = context.rbegin();; ++oldest) {
    const Context& node = contexts_[to_size(at)];
    const bool longest = oldest == context.rend();
    const auto total = static_cast<double>(node.total);
    if (node.total > 0 && (longest || config_.smoothing == Smoothing::interpolated)) {
      const auto seen = static_cast<double>(found(counts_, {at, token}, 0));
      const auto different = static_cast<double>(node.different);
      p = config_.smoothing == Smoothing::interpolated
              ? (seen + different * p) / (total + different)
              : (seen + config_.delta) / (total + config_.delta * static_cast<double>(config_.vocabulary));
    }
    if (longest || (at = found(longer_, {at, *oldest}, -1)) < 0) return p;
  }
}

void Ngram::append_probabilities(Ids text, std::vector<double>& to) const {
  const auto before = to_size(config_.order - 1);
  for (std::size_t i = before; i < text.size(); ++i)
    to.push_back(probability(text.subspan(i - before, before), text[i]));
}

Surprisal Ngram::evaluate(Ids text) const {
  check_ids("ngram", text);
  if (static_cast<std::int64_t>(text.size()) < config_.order)
    throw ShapeError(
        fmt::format("ngram: a text of {} tokens has none that order {} predicts", text.size(), config_.order));
  std::vector<double> probabilities;
  append_probabilities(text, probabilities);
  return surprisal_of(probabilities);
}

Surprisal Ngram::evaluate_lines(const std::vector<std::vector<std::int64_t>>& lines, std::int64_t bos,
                                std::int64_t eos) const {
  check_ids("ngram", std::array{bos, eos});
  if (lines.empty()) throw ShapeError("ngram: no lines to evaluate");
  std::vector<double> probabilities;
  for (const auto& line : lines) {
    check_ids("ngram", line);
    append_probabilities(padded(line, bos, eos), probabilities);
  }
  return surprisal_of(probabilities);
}

Tensor Ngram::probabilities(Ids context) const {
  const auto before = to_size(config_.order - 1);
  if (context.size() < before)
    throw ShapeError(fmt::format("ngram: {} tokens of context, order {} needs {}", context.size(), config_.order,
                                 config_.order - 1));
  check_ids("ngram", context);
  Tensor p = empty({config_.vocabulary}, DType::f64, "ngram");
  for (std::int64_t token = 0; token < config_.vocabulary; ++token)
    p.mutable_data<double>()[token] = probability(context.last(before), token);
  return p;
}

std::int64_t Ngram::contexts_seen(std::int64_t length) const {
  if (length < 0 || length >= config_.order)
    throw IndexError(fmt::format("ngram: contexts of {} tokens, order {} has those of 0 to {}", length, config_.order,
                                 config_.order - 1));
  return seen_[to_size(length)];
}

Tensor Ngram::counts() const {
  std::vector<std::vector<std::int64_t>> rows;
  for (const auto& [key, count] : counts_) {
    const Context* node = &contexts_[to_size(key.context)];
    if (node->length != config_.order - 1) continue;
    std::vector<std::int64_t>& row = rows.emplace_back();
    for (; node->parent >= 0; node = &contexts_[static_cast<std::size_t>(node->parent)]) row.push_back(node->oldest);
    row.insert(row.end(), {key.token, count});
  }
  std::sort(rows.begin(), rows.end());  // whatever the order in the hash table
  Tensor table = empty({static_cast<std::int64_t>(rows.size()), config_.order + 1}, DType::i64, "ngram");
  std::int64_t* to = table.mutable_data<std::int64_t>();
  for (const auto& row : rows) to = std::copy(row.begin(), row.end(), to);
  return table;
}

void Ngram::add_counts(const Tensor& counts) {
  check_defined("ngram", "counts", counts);
  if (counts.dtype() != DType::i64) throw_dtype("ngram", counts.dtype(), "i64");
  const std::int64_t n = config_.order;
  if (counts.rank() != 2 || counts.size(1) != n + 1)
    throw ShapeError(fmt::format("ngram: counts {}, expected [N, {}]", counts.shape().str(), n + 1));
  const Tensor table = counts.contiguous();
  const auto row = [&](std::int64_t i) { return Ids(table.data<std::int64_t>() + i * (n + 1), to_size(n + 1)); };
  std::int64_t left = largest - contexts_[0].total;
  for (std::int64_t i = 0; i < table.size(0); ++i) {
    check_ids("ngram", row(i).first(to_size(n)));
    const std::int64_t times = row(i).back();
    if (times < 1 || times > left)
      throw Error(fmt::format("ngram: row {} counts {}, expected 1 to {}", i, times, left));
    left -= times;
  }
  for (std::int64_t i = 0; i < table.size(0); ++i)
    count(row(i).first(to_size(n - 1)), row(i)[to_size(n - 1)], row(i).back());
}

std::optional<std::int64_t> Ngram::table_cells(const Config& c) {
  std::int64_t cells = 1;
  for (std::int64_t i = 0; i < checked(c).order; ++i) {
    if (cells > largest / c.vocabulary) return std::nullopt;
    cells *= c.vocabulary;
  }
  return cells;
}

}  // namespace heed::models
