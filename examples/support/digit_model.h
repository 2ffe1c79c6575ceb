// What examples/mnist.cpp saves.
#pragma once

#include <filesystem>

#include "heed/models/mlp_classifier.h"

namespace heed::examples {

struct DigitModel {
  std::int64_t height = 28, width = 28;  ///< of the images
  models::MlpClassifier net;

  /// One safetensors file: weights, and in its metadata the sizes and the machine that wrote it. Written atomically.
  void save(const std::filesystem::path& path) const;

  /// FormatError when the file is not what save() writes, IoError when it cannot be read.
  static DigitModel load(const std::filesystem::path& path);

  /// FormatError when something else than a model of save() is there, which would be replaced.
  static void check_replaceable(const std::filesystem::path& path);
};

}  // namespace heed::examples
