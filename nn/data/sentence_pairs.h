// Sentence pairs: the data of a translation model, from a tab-separated text file or from two files.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "heed/nn/data/lines.h"
#include "heed/tensor/random/random.h"

namespace heed::nn {

struct SentencePair {
  std::string source, target;

  friend bool operator==(const SentencePair&, const SentencePair&) = default;
};

struct SentencePairLimits {
  LineLimits lines = {};
  std::int64_t max_pairs = std::numeric_limits<std::int64_t>::max();  ///< reading stops after so many; 1 or more
};

/// One pair per line: source, tab, target; further columns (attributions in newer Tatoeba files) are ignored, blanks of
/// every kind around a sentence dropped and blank lines skipped; quotation marks have no meaning. Errors as read_lines;
/// FormatError too for a line without a tab, a sentence in which nothing can be seen, a CR with a tab on either side
/// of it (several pairs in one line, which CR alone parts), and a file without pairs. Error when max_pairs is below 1.
std::vector<SentencePair> read_sentence_pairs(const std::string& path, const SentencePairLimits& limits = {});

/// The same from two files, a sentence a line, its translation on the same line of the other; lines that are blank in
/// both are skipped. FormatError, which gives both numbers, unless they have equally many lines.
std::vector<SentencePair> read_parallel_sentences(const std::string& source_path, const std::string& target_path,
                                                  const SentencePairLimits& limits = {});

struct SentenceSplit {
  std::vector<SentencePair> train, held_out;
};

/// Draws sources at random until their pairs are at least `held_out` in number. All pairs whose sources have the same
/// words() land on one side: a source seen in training would make its other translations easy. Both sides keep the
/// order of `pairs`. IndexError unless 0 <= held_out <= the number of pairs.
SentenceSplit split_by_source(std::vector<SentencePair> pairs, std::int64_t held_out, Generator& generator);

}  // namespace heed::nn
