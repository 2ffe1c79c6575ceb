#include "examples/support/json_report.h"

#include <nlohmann/json.hpp>

#include "examples/support/write_file.h"

namespace heed::examples {

std::string json_text(const JsonReport& report) {
  using Json = nlohmann::ordered_json;
  Json metrics = Json::object();
  for (const auto& [name, value] : report.metrics)
    metrics[name] = value;  // the library writes NaN and infinity as null
  const Json document = {{"program", report.program},
                         {"seed", report.seed},
                         {"threads", report.threads},
                         {"seconds", report.seconds},
                         {"metrics", std::move(metrics)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void write_json_report(const std::filesystem::path& path, const JsonReport& report) {
  write_file(path, json_text(report));
}

}  // namespace heed::examples
