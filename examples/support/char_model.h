// A character-level language model: a recurrent network and the characters it knows, saved as one file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "heed/models/recurrent_lm.h"

namespace heed::examples {

/// The characters (code points) of a text by their number, in the order of Unicode.
class Alphabet {
 public:
  explicit Alphabet(std::string_view text);  ///< FormatError unless UTF-8
  explicit Alphabet(
      std::vector<std::string> characters);  ///< as saved; FormatError unless each is one character, rising

  std::int64_t size() const { return static_cast<std::int64_t>(characters_.size()); }
  const std::vector<std::string>& characters() const { return characters_; }
  const std::string& operator[](std::int64_t id) const { return characters_[static_cast<std::size_t>(id)]; }

  /// FormatError for a character that is not in it.
  std::vector<std::int64_t> encode(std::string_view text) const;

 private:
  std::vector<std::string> characters_;
};

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
