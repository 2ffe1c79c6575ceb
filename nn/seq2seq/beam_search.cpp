#include "heed/nn/seq2seq/beam_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include "heed/nn/internal/power.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"

namespace heed::nn {
namespace {

constexpr double impossible = -std::numeric_limits<double>::infinity();
constexpr double rounding = 1e-3;  // how far above 0 a log-probability may be

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
        done_(best_.size()) {}

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
    if (log_probability == 0) return 0;  // whatever the power, which may be 0 or infinite
    return log_probability / power(static_cast<double>(length), config_.length_penalty);
  }

  // Every sequence gets `beam` rows; only the first of them counts until they differ.
  void start() {
    std::vector<std::int64_t> origin;
    for (std::int64_t row = 0; row < rows(); ++row) origin.push_back(row / config_.beam);
    decoder_.reorder(tensor(std::span<const std::int64_t>(origin), {rows()}));
    links_.emplace_back(static_cast<std::size_t>(rows()), Link{config_.begin_token, 0, impossible});
    for (std::int64_t b = 0; b < batch_; ++b) link(0, b * config_.beam).log_probability = 0;
  }

  Link& link(std::size_t step, std::int64_t row) { return links_[step][static_cast<std::size_t>(row)]; }

  // One token more for every running hypothesis; false when all sequences are done.
  bool advance(std::int64_t length) {
    std::vector<std::int64_t> tokens;
    for (const Link& last : links_.back()) tokens.push_back(last.token);
    const DecoderStep step = decoder_.step(tensor(std::span<const std::int64_t>(tokens), {rows()}));
    check(step);
    const Tensor table = to(step.log_probabilities, DType::f64).contiguous();
    weights_.push_back(step.weights.defined() ? to(step.weights, DType::f32).contiguous() : Tensor());
    links_.emplace_back();
    for (std::int64_t row = 0; row < rows(); ++row) links_.back().push_back({config_.end_token, row, impossible});

    bool running = false;
    std::vector<std::int64_t> origin(tokens.size());
    for (std::int64_t b = 0; b < batch_; ++b) {
      for (std::int64_t row = b * config_.beam; row < (b + 1) * config_.beam; ++row)
        origin[static_cast<std::size_t>(row)] = row;
      const auto at = static_cast<std::size_t>(b);
      if (done_[at]) continue;
      std::int64_t row = b * config_.beam;
      const std::vector<Link> found = candidates(b, table);
      if (found.empty() && !best_[at])
        throw Error(fmt::format("beam_search: sequence {}, token {}: no continuation has a probability", b, length));
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
      done_[at] = !can_improve(b, length);
      running |= !done_[at];
    }
    if (running) decoder_.reorder(tensor(std::span<const std::int64_t>(origin), {rows()}));
    return running;
  }

  // Whether a running hypothesis of sequence b, all of `length` tokens, can end with a higher score than the best so
  // far. Its probability can only fall, and between the earliest and the latest end its score falls or rises all the
  // way, depending on the sign of the penalty. The first row is the most probable one, so no other can do better.
  bool can_improve(std::int64_t b, std::int64_t length) {
    const std::optional<Ended>& best = best_[static_cast<std::size_t>(b)];
    const double log_probability = link(links_.size() - 1, b * config_.beam).log_probability;
    if (log_probability == impossible || length == config_.max_length) return false;
    if (!best) return true;
    return std::max(score(log_probability, length + 1), score(log_probability, config_.max_length)) > best->score;
  }

  // The decoder is the user's: what it gives is read by row and column below.
  void check(const DecoderStep& step) {
    const auto check_float = [](const char* what, const Tensor& x) {
      if (!is_float(x.dtype()))
        throw DTypeError(
            fmt::format("beam_search: decoder.step gave {} of dtype {}, expected f32 or f64", what, name(x.dtype())));
    };
    const Tensor& table = step.log_probabilities;
    const std::string wanted = fmt::format("[{}, {}]", rows(), vocabulary_ ? std::to_string(*vocabulary_) : "V");
    if (!table.defined())
      throw ShapeError(fmt::format("beam_search: decoder.step gave undefined log_probabilities, expected {}", wanted));
    if (table.rank() != 2 || table.size(0) != rows() || (vocabulary_ && table.size(1) != *vocabulary_))
      throw ShapeError(
          fmt::format("beam_search: decoder.step gave log_probabilities {}, expected {}", table.shape().str(), wanted));
    check_float("log_probabilities", table);
    vocabulary_ = table.size(1);

    if (!weights_.empty() && weights_[0].defined() != step.weights.defined())
      throw ShapeError(fmt::format("beam_search: decoder.step gave {} weights at token {}, {} at the first",
                                   step.weights.defined() ? "some" : "no", weights_.size() + 1,
                                   weights_[0].defined() ? "some" : "none"));
    if (!step.weights.defined()) return;
    if (step.weights.rank() != 2 || step.weights.size(0) != rows())
      throw ShapeError(fmt::format("beam_search: decoder.step gave weights {}, expected [{}, S]",
                                   step.weights.shape().str(), rows()));
    check_float("weights", step.weights);
  }

  // The 2·beam best continuations of sequence b: enough to fill the beam even if half of them end.
  std::vector<Link> candidates(std::int64_t b, const Tensor& table) {
    const std::int64_t vocabulary = table.size(1);
    std::vector<Link> all;
    for (std::int64_t row = b * config_.beam; row < (b + 1) * config_.beam; ++row) {
      const double so_far = link(links_.size() - 2, row).log_probability;
      if (so_far == impossible) continue;
      const double* next = table.data<double>() + row * vocabulary;
      for (std::int64_t token = 0; token < vocabulary; ++token) {
        if (next[token] > rounding)
          throw Error(fmt::format("beam_search: decoder.step gave token {} of row {} the log-probability {}, above 0",
                                  token, row, next[token]));
        if (next[token] > impossible) all.push_back({token, row, so_far + std::min(next[token], 0.0)});
      }
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
  std::optional<std::int64_t> vocabulary_;
  std::vector<std::optional<Ended>> best_;
  std::vector<bool> done_;
};

}  // namespace

std::vector<Hypothesis> beam_search(const Decoder& decoder, std::int64_t batch, const BeamSearchConfig& config) {
  if (config.beam < 1 || config.max_length < 1)
    throw IndexError(
        fmt::format("beam_search: beam {} and max_length {} must be positive", config.beam, config.max_length));
  if (batch < 0) throw IndexError(fmt::format("beam_search: batch {} must not be negative", batch));
  if (config.beam > std::numeric_limits<std::int64_t>::max() / 2 / std::max<std::int64_t>(batch, 1))
    throw IndexError(fmt::format("beam_search: beam {} for {} sequences exceeds 63 bits", config.beam, batch));
  if (!std::isfinite(config.length_penalty))
    throw IndexError(fmt::format("beam_search: length_penalty {} must be finite", config.length_penalty));
  if (!decoder.step || !decoder.reorder)
    throw Error(fmt::format("beam_search: decoder.{} is empty", decoder.step ? "reorder" : "step"));
  return batch == 0 ? std::vector<Hypothesis>() : Search(decoder, batch, config).run();
}

}  // namespace heed::nn
