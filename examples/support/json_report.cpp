#include "examples/support/json_report.h"

#include <nlohmann/json.hpp>

#include "examples/support/write_file.h"
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

void write_json_report(const std::filesystem::path& path, const JsonReport& report) {
  write_file(path, json_text(report));
}

}  // namespace heed::examples
