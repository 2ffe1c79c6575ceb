#include "heed/nn/seq2seq/beam_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include "heed/tensor/create.h"
#include "heed/tensor/elementwise.h"
#include "heed/tensor/movement.h"

namespace heed::nn {
namespace {

constexpr double impossible = -std::numeric_limits<double>::infinity();

// One token of one hypothesis and where it continues from: rows of the step before.
struct Link {
  std::int64_t token = 0, parent = 0;
  double log_probability = impossible;
};

// A hypothesis that has ended: its last link, which is not among the running rows.
struct Ended {
  Link last;
  std::int64_t length = 0;  // tokens, the end token included
  double score = impossible;
};

class Search {
 public:
  Search(const Decoder& decoder, std::int64_t batch, const BeamSearchConfig& config)
      : decoder_(decoder),
        config_(config),
        batch_(batch),
        best_(static_cast<std::size_t>(batch)),
        ended_count_(best_.size()) {}

  std::vector<Hypothesis> run() {
    start();
    for (std::int64_t length = 1; length <= config_.max_length && advance(length); ++length) {
    }
    std::vector<Hypothesis> result;
    for (std::int64_t b = 0; b < batch_; ++b) result.push_back(trace(b));
    return result;
  }

 private:
  std::int64_t rows() const { return batch_ * config_.beam; }
  double score(double log_probability, std::int64_t length) const {
    return log_probability / std::pow(static_cast<double>(length), config_.length_penalty);
  }

  // Every sequence gets `beam` rows; only the first of them counts until they differ.
  void start() {
    std::vector<std::int64_t> origin;
    for (std::int64_t row = 0; row < rows(); ++row) origin.push_back(row / config_.beam);
    decoder_.keep(tensor(std::span<const std::int64_t>(origin), {rows()}));
    links_.emplace_back(static_cast<std::size_t>(rows()), Link{config_.begin_token, 0, impossible});
    for (std::int64_t b = 0; b < batch_; ++b) link(0, b * config_.beam).log_probability = 0;
  }

  Link& link(std::size_t step, std::int64_t row) { return links_[step][static_cast<std::size_t>(row)]; }

  // One token more for every running hypothesis; false when all sequences are done.
  bool advance(std::int64_t length) {
    std::vector<std::int64_t> tokens;
    for (const Link& last : links_.back()) tokens.push_back(last.token);
    DecoderStep step = decoder_.step(tensor(std::span<const std::int64_t>(tokens), {rows()}));
    const Tensor table = to(step.log_probabilities, DType::f64).contiguous();
    weights_.push_back(step.weights.defined() ? to(step.weights, DType::f32).contiguous() : Tensor());
    links_.emplace_back();
    for (std::int64_t row = 0; row < rows(); ++row) links_.back().push_back({config_.end_token, row, impossible});

    bool running = false;
    std::vector<std::int64_t> origin(tokens.size());
    for (std::int64_t b = 0; b < batch_; ++b) {
      for (std::int64_t row = b * config_.beam; row < (b + 1) * config_.beam; ++row)
        origin[static_cast<std::size_t>(row)] = row;
      if (ended_count_[static_cast<std::size_t>(b)] >= config_.beam) continue;
      std::int64_t row = b * config_.beam;
      const std::vector<Link> found = candidates(b, table);
      if (found.empty()) {
        if (!best_[static_cast<std::size_t>(b)])
          throw Error(fmt::format("beam_search: sequence {}, token {}: no continuation has a probability", b, length));
        ended_count_[static_cast<std::size_t>(b)] = config_.beam;  // what has ended is all there is
        continue;
      }
      for (const Link& candidate : found) {
        if (row == (b + 1) * config_.beam) break;
        if (candidate.token == config_.end_token) {
          end(b, candidate, length);
          if (config_.beam == 1) break;
          continue;
        }
        origin[static_cast<std::size_t>(row)] = candidate.parent;
        link(links_.size() - 1, row++) = candidate;
      }
      running |= ended_count_[static_cast<std::size_t>(b)] < config_.beam;
    }
    if (running) decoder_.keep(tensor(std::span<const std::int64_t>(origin), {rows()}));
    return running;
  }

  // The 2·beam best continuations of sequence b: enough to fill the beam even if half of them end.
  std::vector<Link> candidates(std::int64_t b, const Tensor& table) {
    const std::int64_t vocabulary = table.size(1);
    std::vector<Link> all;
    for (std::int64_t row = b * config_.beam; row < (b + 1) * config_.beam; ++row) {
      const double so_far = link(links_.size() - 2, row).log_probability;
      if (so_far == impossible) continue;
      const double* next = table.data<double>() + row * vocabulary;
      for (std::int64_t token = 0; token < vocabulary; ++token)
        if (next[token] > impossible) all.push_back({token, row, so_far + next[token]});
    }
    const auto count = std::min(all.size(), static_cast<std::size_t>(2 * config_.beam));
    const auto better = [](const Link& x, const Link& y) {
      if (x.log_probability != y.log_probability) return x.log_probability > y.log_probability;
      return std::pair(x.parent, x.token) < std::pair(y.parent, y.token);
    };
    std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(), better);
    all.resize(count);
    return all;
  }

  void end(std::int64_t b, const Link& last, std::int64_t length) {
    const auto at = static_cast<std::size_t>(b);
    ++ended_count_[at];
    const double found = score(last.log_probability, length);
    if (!best_[at] || found > best_[at]->score) best_[at] = Ended{last, length, found};
  }

  // The best hypothesis of sequence b, followed back to its beginning.
  Hypothesis trace(std::int64_t b) {
    Hypothesis result;
    Ended last;
    if (best_[static_cast<std::size_t>(b)]) {
      last = *best_[static_cast<std::size_t>(b)];
      result.ended = true;
    } else {
      const auto steps = static_cast<std::int64_t>(links_.size()) - 1;
      for (std::int64_t row = b * config_.beam; row < (b + 1) * config_.beam; ++row) {
        const Link& running = link(links_.size() - 1, row);
        if (row == b * config_.beam || running.log_probability > last.last.log_probability) last = {running, steps, 0};
      }
    }
    result.log_probability = last.last.log_probability;
    Link at = last.last;
    for (std::int64_t step = last.length; step > 0; --step) {
      if (step < last.length || !result.ended) result.tokens.push_back(at.token);
      const Tensor& table = weights_[static_cast<std::size_t>(step - 1)];
      if (table.defined()) {
        const float* row = table.data<float>() + at.parent * table.size(1);
        result.weights.emplace_back(row, row + table.size(1));
      }
      at = link(static_cast<std::size_t>(step - 1), at.parent);
    }
    std::reverse(result.tokens.begin(), result.tokens.end());
    std::reverse(result.weights.begin(), result.weights.end());
    return result;
  }

  const Decoder& decoder_;
  const BeamSearchConfig& config_;
  const std::int64_t batch_;
  std::vector<std::vector<Link>> links_;  // by step, then row
  std::vector<Tensor> weights_;           // by step: [rows, S]
  std::vector<std::optional<Ended>> best_;
  std::vector<std::int64_t> ended_count_;
};

}  // namespace

std::vector<Hypothesis> beam_search(const Decoder& decoder, std::int64_t batch, const BeamSearchConfig& config) {
  if (config.beam < 1 || config.max_length < 1)
    throw IndexError(
        fmt::format("beam_search: beam {} and max_length {} must be positive", config.beam, config.max_length));
  return Search(decoder, batch, config).run();
}

}  // namespace heed::nn
