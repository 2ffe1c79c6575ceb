// A language model of characters or of pieces of words: a recurrent network and what its ids stand for, as one file.
#pragma once

#include <filesystem>
#include <string_view>
#include <variant>

#include "examples/support/lm_tokens.h"
#include "heed/models/recurrent_lm.h"

namespace heed::examples {

using AnyLm = std::variant<models::RnnLm, models::LstmLm, models::GruLm>;

/// The kinds of AnyLm, in its order: rnn, lstm, gru.
AnyLm make_lm(std::string_view cell, const models::RecurrentLmConfig& config, const nn::ParameterSource& source);

struct CharModel {
  LmTokens tokens;
  AnyLm lm;

  /// One safetensors file: weights, and in its metadata the kind of cell, the sizes, the characters or the
  /// SentencePiece model, and the machine that wrote it. Written atomically.
  void save(const std::filesystem::path& path) const;

  /// FormatError when the file is not what save() writes, IoError when it cannot be read.
  static CharModel load(const std::filesystem::path& path);

  /// FormatError when something else than a model of save() is there, which would be replaced.
  static void check_replaceable(const std::filesystem::path& path);
};

}  // namespace heed::examples
