// A character-level language model: a recurrent network and the characters it knows, saved as one file.
#pragma once

#include <filesystem>
#include <string_view>
#include <variant>

#include "examples/support/alphabet.h"
#include "heed/models/recurrent_lm.h"

namespace heed::examples {

using AnyLm = std::variant<models::RnnLm, models::LstmLm, models::GruLm>;

/// The kinds of AnyLm, in its order: rnn, lstm, gru.
AnyLm make_lm(std::string_view cell, const models::RecurrentLmConfig& config, const nn::ParameterSource& source);

struct CharModel {
  Alphabet alphabet;
  AnyLm lm;

  /// One safetensors file: weights, and in its metadata the kind of cell, the sizes and the characters, and the machine
  /// that wrote it. Written atomically.
  void save(const std::filesystem::path& path) const;

  /// FormatError when the file is not what save() writes, IoError when it cannot be read.
  static CharModel load(const std::filesystem::path& path);

  /// FormatError when something else than a model of save() is there, which would be replaced.
  static void check_replaceable(const std::filesystem::path& path);
};

}  // namespace heed::examples
