// N-gram language model: how often each token followed the n - 1 tokens before it. What neural models are measured by.
//
// V tokens, n order, c(…) how often something was counted, c(h, ·) = Σ_w c(h, w).
//   additive      p(w | h) = (c(h, w) + δ) / (c(h, ·) + δ V)                                         h: n - 1 tokens
//   interpolated  p(w | h) = (c(h, w) + u(h) p(w | h')) / (c(h, ·) + u(h)), h' is h without its first token, u(h) the
//                 number of different tokens seen after h, and 1 / V stands below the empty context (Witten and Bell
//                 1991; Chen and Goodman 1999, section 2.3)
// After a context that was never counted, additive smoothing says 1 / V, its limit for δ -> 0, and interpolation what
// the shorter context says: the probabilities of all V tokens sum to 1 after every context.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "heed/tensor/tensor.h"

namespace heed::models {

enum class Smoothing : std::uint8_t { additive, interpolated };

struct NgramConfig {
  std::int64_t vocabulary = 0;  ///< V
  std::int64_t order = 3;       ///< n: 1 counts single tokens
  Smoothing smoothing = Smoothing::additive;
  double delta = 1;  ///< δ >= 0, of additive smoothing; 0: relative frequencies
};

/// The surprise of some text: -Σ ln p in nats, over so many predicted tokens.
struct Surprisal {
  double nats = 0;
  std::int64_t tokens = 0;

  double per_token() const { return nats / static_cast<double>(tokens); }  ///< mean negative log-likelihood
  double perplexity() const;                                               ///< exp(per_token())
};

class Ngram {
 public:
  using Config = NgramConfig;

  /// Counts nothing yet. ShapeError unless vocabulary >= 1 and 1 <= order <= 64, Error unless delta is finite and >= 0.
  explicit Ngram(const Config& config);

  /// Counts every n-gram of a text; its first n - 1 tokens are context only, so a text shorter than n has none. Adds to
  /// what was counted before. IndexError for an id outside [0, V).
  void fit(std::span<const std::int64_t> text);

  /// The same for lines that do not depend on each other: each is n - 1 times `bos`, its tokens, and `eos`, which is
  /// predicted too. bos and eos are ids of the vocabulary, and may be the same one.
  void fit_lines(const std::vector<std::vector<std::int64_t>>& lines, std::int64_t bos, std::int64_t eos);

  /// How well the model predicts a text, from its token n on: +inf where delta is 0 and a token was never seen after a
  /// context that was. ShapeError for a text of fewer than n tokens, IndexError for an id outside [0, V).
  Surprisal evaluate(std::span<const std::int64_t> text) const;

  /// The same over lines, each read as fit_lines() does; ShapeError when there is none.
  Surprisal evaluate_lines(const std::vector<std::vector<std::int64_t>>& lines, std::int64_t bos,
                           std::int64_t eos) const;

  /// p(· | the last n - 1 ids of `context`), [V] f64; its log is what nn::sample takes. ShapeError for a shorter
  /// context, IndexError for an id outside [0, V).
  Tensor probabilities(std::span<const std::int64_t> context) const;

  /// How many different contexts of `length` tokens something was counted after; IndexError unless 0 <= length < n.
  std::int64_t contexts_seen(std::int64_t length) const;

  /// Every n-gram and its count, [N, n + 1] i64 with the ids first, in rising order: all that the model knows.
  Tensor counts() const;

  /// Adds such counts. ShapeError, DTypeError for another table than counts() gives; IndexError for an id outside
  /// [0, V); Error for a count below 1 or when the sum of all counts would not fit 63 bits.
  void add_counts(const Tensor& counts);

  /// V^n, the cells of the full table p(w | h); nothing where it does not fit 63 bits. Errors as the constructor's.
  static std::optional<std::int64_t> table_cells(const Config& config);

  const Config& config() const { return config_; }

 private:
  // A context is a node of a tree whose root is the empty one: its children have one older token more in front.
  struct Context {
    std::int64_t parent = -1, oldest = -1;  // the context without its oldest token, and that token
    std::int64_t length = 0;
    std::int64_t total = 0, different = 0;  // c(h, ·), u(h)
  };
  struct Key {
    std::int64_t context, token;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept;
  };
  using Table = std::unordered_map<Key, std::int64_t, Hash>;

  void check_ids(const char* operation, std::span<const std::int64_t> ids) const;
  std::vector<std::int64_t> padded(std::span<const std::int64_t> line, std::int64_t bos, std::int64_t eos) const;
  void count(std::span<const std::int64_t> context, std::int64_t token, std::int64_t times);
  double probability(std::span<const std::int64_t> context, std::int64_t token) const;
  void append_probabilities(std::span<const std::int64_t> text, std::vector<double>& to) const;
  std::int64_t found(const Table& table, const Key& key, std::int64_t otherwise) const;

  std::vector<Context> contexts_{Context{}};
  std::vector<std::int64_t> seen_;  // contexts of each length with a total above 0
  Table longer_, counts_;           // (context, older token) -> context; (context, token) -> c(h, w)
  Config config_;
};

}  // namespace heed::models
