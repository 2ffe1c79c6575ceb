// A GPT of characters or of pieces of words, and what its ids stand for, as one file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "examples/support/lm_tokens.h"
#include "heed/models/gpt.h"

namespace heed::examples {

/// The kinds of models::GptPositions by name, in their order: learned, sinusoidal, rotary, none.
std::vector<std::string> gpt_positions();
models::GptPositions gpt_positions(std::string_view name);  ///< FormatError for no name of one

/// What --context may be, and a file may ask for.
constexpr std::int64_t longest_context = 65536;

struct GptModel {
  LmTokens tokens;
  models::Gpt lm;

  /// One safetensors file: weights, and in its metadata the sizes, the characters or the SentencePiece model, and the
  /// machine that wrote it. Written atomically.
  void save(const std::filesystem::path& path) const;

  /// FormatError when the file is not what save() writes, IoError when it cannot be read.
  static GptModel load(const std::filesystem::path& path);

  /// FormatError when something else than a model of save() is there, which would be replaced.
  static void check_replaceable(const std::filesystem::path& path);
};

}  // namespace heed::examples
