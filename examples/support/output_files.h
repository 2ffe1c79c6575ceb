// What a training program reads and writes, looked at before minutes go by.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "examples/support/train_options.h"

namespace heed::examples {

struct OutputFiles {
  std::string subword_model = {};  ///< the flag --subword-model; empty: none
  std::string attention = {};      ///< the flag --attention; empty: none
  std::vector<std::string> models = {"model.safetensors"}, pictures = {"loss.svg"};  ///< names in --out
  bool checkpoints = true;                                                           ///< whether it writes any
  std::function<void(const std::filesystem::path&)> check_model;  ///< throws when something else would be replaced
};

/// Makes the folder --out. FormatError or IoError for everything that would make a result impossible or overwrite
/// something that is not an older result of the program: in --out, of --json, --log, --tensorboard.
void check_output_files(const TrainOptions& options, const OutputFiles& files);

}  // namespace heed::examples
