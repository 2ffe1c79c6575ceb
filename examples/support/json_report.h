// The machine-readable result of a program: {"program", "seed", "threads", "reproducible",
// "simd", "blas", "seconds", "metrics": {name: number}}.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace heed::examples {

struct JsonReport {
  std::string program = {};
  std::uint64_t seed = 0;
  double seconds = 0;
  std::vector<std::pair<std::string, double>> metrics = {};  ///< written in this order
};

/// What heed computes with, as JSON writes it: reproducible(), simd_description(), blas_description().
nlohmann::ordered_json machine_json();

/// The report as indented JSON with a newline at its end. Numbers read back as the same double; NaN and infinities,
/// which JSON does not have, are null.
std::string json_text(const JsonReport& report);

/// FormatError when something else than a report is there, which write_json_report() would replace: a report is a JSON
/// object with "program" and "metrics". What is no regular file is not replaced. IoError when it cannot be read.
void check_replaceable_report(const std::filesystem::path& path);

/// write_file(path, json_text(report)).
void write_json_report(const std::filesystem::path& path, const JsonReport& report);

}  // namespace heed::examples
