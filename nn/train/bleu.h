// BLEU: how many of a translation's n-grams occur in reference translations.
// Papineni, Roukos, Ward, Zhu, "BLEU: a Method for Automatic Evaluation of Machine Translation", ACL 2002.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace heed::nn {

/// Corpus BLEU-4: counts add up over sentences, so the score is that of the corpus, not a mean of sentence scores.
///   BLEU = BP · (p₁ p₂ p₃ p₄)^¼
///   pₙ   = candidate n-grams found in a reference / candidate n-grams, an n-gram counting at most as often as in the
///          reference that has it most often ("clipped")
///   BP   = 1 when c > r, else exp(1 - r/c), where c is the candidates' length and r that of the references closest in
///          length (the shorter of two equally close)
/// Words are compared byte by byte: split both sides by the same rule, and compare only scores of the same rule.
class Bleu {
 public:
  static constexpr int max_order = 4;

  /// One sentence with all its references. ShapeError when there is none.
  void add(const std::vector<std::string>& candidate, const std::vector<std::vector<std::string>>& references);

  /// pₙ for n in [1, 4], else IndexError; 0 when no candidate has n words.
  double precision(int n) const;
  /// 0 when all candidates are empty.
  double brevity_penalty() const;
  /// In [0, 1]; papers print it times 100. 0 when any pₙ is 0. With `smooth`, for n > 1 both counts of pₙ are one
  /// higher (Lin and Och 2004), so that short texts without a common 4-gram can be told apart; say so when you print
  /// it.
  double score(bool smooth = false) const;

  std::int64_t candidate_length() const { return candidate_length_; }
  std::int64_t reference_length() const { return reference_length_; }

 private:
  std::array<std::int64_t, max_order> matched_{}, counted_{};  // n-grams by n - 1
  std::int64_t candidate_length_ = 0, reference_length_ = 0;
};

}  // namespace heed::nn
