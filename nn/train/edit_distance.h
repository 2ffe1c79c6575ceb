// Edit distance, and the error rates of words and characters made of it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace heed::nn {

/// The fewest insertions, deletions and substitutions of single elements that make `b` of `a`; O(|a|·|b|) time,
/// O(min) memory. Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals", 1966.
std::int64_t edit_distance(std::span<const std::int64_t> a, std::span<const std::int64_t> b);
std::int64_t edit_distance(std::span<const std::string> a, std::span<const std::string> b);

/// Σ edit distances / Σ lengths of the references: the word error rate of words(), the character error rate of
/// characters() or graphemes(). Counts add up over sentences, so it is the corpus's and no mean of sentence rates. It
/// may be above 1, where much was inserted; 0/0 is 0, and infinity where there is no reference but edits.
class ErrorRate {
 public:
  void add(std::span<const std::string> reference, std::span<const std::string> candidate);

  double value() const;
  std::int64_t edits() const { return edits_; }
  std::int64_t reference_length() const { return length_; }

 private:
  std::int64_t edits_ = 0, length_ = 0;
};

}  // namespace heed::nn
