// What examples/timeseries.cpp saves.
#pragma once

#include <filesystem>

#include "heed/models/forecaster.h"

namespace heed::examples {

/// One safetensors file: weights, mean and scale, and in its metadata the sizes and the machine that wrote it.
void save_forecaster(const std::filesystem::path& path, const models::Forecaster& model);

/// FormatError when the file is not what save_forecaster() writes, IoError when it cannot be read.
models::Forecaster load_forecaster(const std::filesystem::path& path);

/// FormatError when something else than such a file is there, which would be replaced.
void check_replaceable_forecaster(const std::filesystem::path& path);

}  // namespace heed::examples
