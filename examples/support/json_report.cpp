#include "examples/support/json_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>

#include "examples/support/write_file.h"
#include "heed/tensor/error.h"
#include "heed/tensor/io/file.h"
#include "heed/tensor/runtime.h"

namespace heed::examples {

nlohmann::ordered_json machine_json() {
  return {{"reproducible", reproducible()}, {"simd", simd_description()}, {"blas", blas_description()}};
}

std::string json_text(const JsonReport& report) {
  using Json = nlohmann::ordered_json;
  Json metrics = Json::object();
  for (const auto& [name, value] : report.metrics)
    metrics[name] = value;  // the library writes NaN and infinity as null
  Json document = {{"program", report.program}, {"seed", report.seed}};
  document["threads"] = threads();
  document.update(machine_json());
  document["seconds"] = report.seconds;
  document["metrics"] = std::move(metrics);
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void check_replaceable_report(const std::filesystem::path& path) {
  std::error_code unknown;
  if (!is_replaced(path) || !std::filesystem::exists(path, unknown)) return;
  constexpr std::uint64_t longest = std::uint64_t{1} << 20;
  InputFile file(path);
  std::string text(std::min(file.size(), longest), '\0');
  file.read(std::as_writable_bytes(std::span(text)));
  const auto document = nlohmann::json::parse(text, nullptr, false);
  if (!text.empty() && !(document.is_object() && document.contains("program") && document.contains("metrics")))
    throw FormatError(fmt::format("{}: would be replaced, but is no report of a program of heed's", path.string()));
}

void write_json_report(const std::filesystem::path& path, const JsonReport& report) {
  write_file(path, json_text(report));
}

}  // namespace heed::examples
