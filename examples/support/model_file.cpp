#include "examples/support/model_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "examples/support/json_report.h"
#include "heed/tensor/error.h"
#include "heed/tensor/io/safetensors.h"

namespace heed::examples {

std::int64_t integer(const nlohmann::json& description, const char* name) {
  if (!description.at(name).is_number_integer()) throw FormatError(fmt::format("{} is not a whole number", name));
  return description.at(name).get<std::int64_t>();
}

void check_elements(const nn::StateDict& tensors, double expected) {
  double elements = 0;
  for (const auto& [name, tensor] : tensors) elements += static_cast<double>(tensor.numel());
  if (elements != expected)
    throw FormatError(fmt::format("it has {} elements, a model of its sizes {}", elements, expected));
}

void save_model(const std::filesystem::path& path, const ModelFormat& format, const nn::StateDict& tensors,
                const nlohmann::json& description) {
  TensorFile file;
  file.tensors = tensors;
  file.metadata = {{"format", "pt"}, {format.key, description.dump()}, {"heed.machine", machine_json().dump()}};
  write_safetensors(path, file);
}

void load_model(const std::filesystem::path& path, const ModelFormat& format,
                const std::function<void(const nlohmann::json&, const nn::StateDict&)>& read) {
  const TensorFile file = read_safetensors(path);
  try {
    const auto found = file.metadata.find(format.key);
    if (found == file.metadata.end()) throw FormatError(fmt::format("its metadata lacks {}", format.key));
    read(nlohmann::json::parse(found->second), file.tensors);
  } catch (const nlohmann::json::exception&) {  // its text speaks of the library's types
    throw FormatError(
        fmt::format("{}: {} in its metadata is not what {} writes", path.string(), format.key, format.program));
  } catch (const MemoryError&) {
    throw;
  } catch (const Error& error) {
    throw FormatError(fmt::format("{}: not a model of {}: {}", path.string(), format.program, error.what()));
  }
}

void check_replaceable_model(const std::filesystem::path& path, const ModelFormat& format) {
  std::error_code reason;
  if (!std::filesystem::exists(path, reason)) return;
  try {
    if (read_safetensors(path).metadata.contains(format.key)) return;
  } catch (const FormatError&) {
  }
  throw FormatError(fmt::format("{}: would be replaced, but is not a model of {}: move it away or choose another --out",
                                path.string(), format.program));
}

}  // namespace heed::examples
