// A translator: an RNNsearch model and the tokenizer of its two languages, saved as one file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "examples/support/subword_model.h"
#include "heed/models/rnnsearch.h"
#include "heed/nn/data/vocabulary.h"

namespace heed::examples {

/// What a word is: a character (dates), a word, or a word of a language whose ideographs are written in words with
/// blanks between them (nn::TextOptions).
enum class Level : std::uint8_t { characters, words, spaced_words };

using Tokens = std::vector<std::string>;
using Ids = std::vector<std::int64_t>;

Tokens split(Level level, std::string_view text);
std::string join(Level level, const Tokens& tokens);

/// One sentence pair as token ids: the source ends with <eos>, the target has neither <bos> nor <eos>.
struct Example {
  Ids source, target;
};

struct Translation {
  Tokens source;                            ///< with <eos>
  Tokens target;                            ///< with <eos> if the model wrote it
  std::vector<std::vector<float>> weights;  ///< the alignment: one row per target token
  std::string text;                         ///< the target, joined
};

/// A batch for teacher forcing.
struct TrainingBatch {
  models::SourceBatch source;
  Tensor decoder_input;     ///< [B, T]: <bos> y_1 … y_{T-1}
  Tensor labels;            ///< [B, T]: y_1 … y_{T-1} <eos>
  Tensor weights;           ///< [B, T]: 1 for real tokens, 0 for padding
  std::int64_t tokens = 0;  ///< how many are real
};

/// From text to token ids and back, for both languages. Tokens are words, or pieces of `subwords`.
struct Tokenizer {
  Level source_level = Level::words, target_level = Level::words;
  nn::Vocabulary source = {}, target = {};
  std::optional<SubwordModel> subwords = {};

  Tokens split(Level level, std::string_view text) const;
  std::string join(const Tokens& target_tokens) const;

  /// What a translation is measured by: its tokens without <eos>; where these are pieces, the words of its text.
  Tokens words(const Translation& translation) const;

  Example encode(std::string_view source_text, std::string_view target_text) const;
  TrainingBatch batch(const std::vector<Example>& examples, std::span<const std::int64_t> rows) const;
};

struct Translator {
  Tokenizer tokenizer;
  models::RnnSearch model;

  /// Translates sentences, any number at a time; none depends on the others. <unk> for source words the vocabulary
  /// lacks; a translation that does not end by itself has twice its source's tokens and ten.
  std::vector<Translation> translate(const std::vector<std::string>& texts, std::int64_t beam) const;

  /// One safetensors file: weights, and in its metadata the levels, readout, vocabularies and SentencePiece model,
  /// and the machine that wrote it (machine_json). Written atomically.
  void save(const std::filesystem::path& path) const;

  /// FormatError unless nothing is there or a file whose metadata says that save() has written it; IoError when that
  /// cannot be told, MemoryError when there is no memory for the file.
  static void check_replaceable(const std::filesystem::path& path);

  /// FormatError when the file is not what save() writes, IoError when it cannot be read, MemoryError when
  /// there is no memory for it.
  static Translator load(const std::filesystem::path& path);
};

}  // namespace heed::examples
