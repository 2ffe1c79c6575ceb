// Subwords back to text: what models predict in pieces is read, and scored, in words.
#pragma once

#include <string>
#include <vector>

namespace heed::nn {

enum class SubwordStyle {
  continued,  ///< subword-nmt: a piece that ends in @@ goes on in the next one: "He@@" "llo"
  word_begin  ///< SentencePiece: ▁ (U+2581) stands for the blank before a word: "▁He" "llo"
};

/// The text of the pieces, without markers and without a blank at its beginning or end.
std::string join_subwords(const std::vector<std::string>& pieces, SubwordStyle style);

}  // namespace heed::nn
