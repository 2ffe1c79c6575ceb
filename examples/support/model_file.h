// How the programs save a language model: one safetensors file, with a description of the model as JSON in its
// metadata.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "heed/nn/module.h"
#include "heed/nn/parameter_source.h"

namespace heed::examples {

struct ModelFormat {
  const char *program, *key;  ///< who writes it, and where in the metadata the description stands
};

/// Weights, description, and the machine that wrote them. Written atomically.
void save_model(const std::filesystem::path& path, const ModelFormat& format, const nn::StateDict& tensors,
                const nlohmann::json& description);

/// read(description, tensors). FormatError when the file is not what save_model() writes or `read` refuses it, IoError
/// when it cannot be read.
void load_model(const std::filesystem::path& path, const ModelFormat& format,
                const std::function<void(const nlohmann::json&, const nn::StateDict&)>& read);

/// FormatError when something else than a model of this format is there, which would be replaced.
void check_replaceable_model(const std::filesystem::path& path, const ModelFormat& format);

/// A number of the description without a fraction; 4.9 or 1e300 is none: FormatError.
std::int64_t integer(const nlohmann::json& description, const char* name);

/// FormatError unless the tensors have so many elements: a small file cannot ask for a large model.
void check_elements(const nn::StateDict& tensors, double expected);

}  // namespace heed::examples
