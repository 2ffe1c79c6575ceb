// The flags that divide texts into pieces of words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "examples/support/flags.h"
#include "examples/support/subword_model.h"
#include "heed/nn/train/checkpoint.h"

namespace heed::examples {

struct SubwordOptions {
  std::int64_t pieces = 0;  ///< so many are learned from the texts; 0: none
  std::string model;        ///< a file of SentencePiece with the pieces; empty: none
};

/// Adds --subwords and --subword-model; `instead` is what the program takes without them.
void add_subword_flags(Flags& flags, SubwordOptions& options, const std::string& instead);

/// FormatError when both were given, or a file without a name.
void check_subword_flags(const Flags& flags);

/// What the flags ask for, learned from these texts or read; nothing without the flags. FormatError, IoError.
std::optional<SubwordModel> subword_model(const SubwordOptions& options, const std::vector<std::string>& texts);

/// A training that goes on from a checkpoint has the pieces it had before, or none.
void require_subwords(nn::Checkpoint& run, const SubwordModel* subwords);

}  // namespace heed::examples
