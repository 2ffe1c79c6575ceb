#include "examples/support/json_report.h"

#include <fmt/format.h>

#include <limits>

#include "heed/tensor/error.h"
#include "heed/tensor/runtime.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace heed;
using namespace heed::examples;

TEST_CASE("JSON report: this text", "[examples]") {
  const JsonReport report{.program = "translate",
                          .seed = std::numeric_limits<std::uint64_t>::max(),
                          .seconds = 1.5,
                          .metrics = {{"loss", 0.1},
                                      {"BLEU", 1},
                                      {"bad", std::numeric_limits<double>::quiet_NaN()},
                                      {"worse", std::numeric_limits<double>::infinity()}}};
  CHECK(json_text(report) == fmt::format(R"({{
  "program": "translate",
  "seed": 18446744073709551615,
  "threads": {},
  "reproducible": {},
  "simd": "{}",
  "blas": "{}",
  "seconds": 1.5,
  "metrics": {{
    "loss": 0.1,
    "BLEU": 1.0,
    "bad": null,
    "worse": null
  }}
}}
)",
                                         threads(), reproducible(), simd_description(), blas_description()));
  const test::TemporaryFolder folder;
  write_json_report(folder.path() / "report.json", report);
  CHECK(test::read_bytes(folder.path() / "report.json") == json_text(report));
}

TEST_CASE("JSON report: only a report, or an empty file, is replaced", "[examples]") {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "report.json";
  CHECK_NOTHROW(check_replaceable_report(file));
  write_json_report(file, {.program = "mine"});
  CHECK_NOTHROW(check_replaceable_report(file));
  folder.write("report.json", "");
  CHECK_NOTHROW(check_replaceable_report(file));
  for (const std::string text : {"mine", "[1]", "{}", R"({"program": 1})", "{\"program\"", "\xFF"}) {
    folder.write("report.json", text);
    CHECK_THROWS_AS(check_replaceable_report(file), FormatError);
  }
  CHECK_NOTHROW(check_replaceable_report("/dev/null"));
}

TEST_CASE("JSON report: no metrics, odd names", "[examples]") {
  CHECK(json_text({}).find("\"metrics\": {}") != std::string::npos);
  CHECK(json_text({.metrics = {{"a\"b\n\xFF", 1}}}).find("\"a\\\"b\\n\uFFFD\": 1.0") != std::string::npos);
  CHECK_THROWS_AS(write_json_report("/nonexistent/report.json", {}), IoError);
}
