// A model of names: one of five language models and the characters it knows, saved as one file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "examples/support/alphabet.h"
#include "heed/models/mlp_lm.h"
#include "heed/models/ngram.h"
#include "heed/models/recurrent_lm.h"

namespace heed::examples {

using AnyNameLm = std::variant<models::Ngram, models::MlpLm, models::RnnLm, models::LstmLm, models::GruLm>;

struct NameLmConfig {
  std::int64_t vocabulary = 0;
  std::int64_t context = 8;  ///< symbols that ngram and mlp read
  std::int64_t embedding = 32, hidden = 256, layers = 1;
  double dropout = 0;
};

/// The kinds of AnyNameLm, in its order: ngram, mlp, rnn, lstm, gru.
const std::vector<std::string>& name_lm_kinds();

/// An n-gram model is interpolated and has counted nothing yet. FormatError for another kind.
AnyNameLm make_name_lm(std::string_view kind, const NameLmConfig& config, const nn::ParameterSource& source);

struct NameModel {
  Alphabet alphabet;  ///< with '\n', the symbol that ends a name and stands before it
  NameLmConfig config;
  AnyNameLm lm;

  std::int64_t end() const { return alphabet.encode("\n")[0]; }

  /// How many end symbols stand in front of a name that is read: what a model reads at least.
  std::int64_t padding() const;

  /// Logits [V] of the symbol after `ids`, which begin with padding() end symbols.
  Tensor next_logits(const std::vector<std::int64_t>& ids) const;

  void save(const std::filesystem::path& path) const;                ///< written atomically
  static NameModel load(const std::filesystem::path& path);          ///< FormatError, IoError
  static void check_replaceable(const std::filesystem::path& path);  ///< FormatError for what save() did not write
};

}  // namespace heed::examples
