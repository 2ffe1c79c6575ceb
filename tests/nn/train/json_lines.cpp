// The log as another program reads it, line by line.
#include "heed/nn/train/json_lines.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "heed/tensor/error.h"
#include "heed/tensor/runtime.h"
#include "support/catch.h"
#include "support/hostile_locale.h"
#include "support/refused.h"
#include "support/temporary_folder.h"

using namespace heed;
using namespace heed::nn;
using test::read_bytes, test::refused;
using Open = AppendFile::Open;

namespace {

const double not_a_number = std::nan(""), infinity = std::numeric_limits<double>::infinity();

double noon() { return 1732600000.25; }

std::vector<std::string> lines_of(const std::string& path) {
  std::istringstream text(read_bytes(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("json lines: a record as it stands in the file", "[nn][train][json_lines]") {
  const test::TemporaryFolder folder;
  const test::HostileLocale hostile;
  const std::string path = folder.path() / "log.jsonl";
  JsonLines log(path, Open::fresh, noon);
  log.record({.step = 1200, .epoch = 2.5}, {{"loss", 0.1}, {"lr", 1e-3}, {"tokens/s", 41000}});
  CHECK(read_bytes(path) ==  // already, for whoever looks
        "{\"t\":1732600000.25,\"step\":1200,\"epoch\":2.5,\"split\":\"train\",\"loss\":0.1,\"lr\":0.001,\"tokens/s\":"
        "41000}\n");
  log.record({.step = 1201, .epoch = 3, .split = "valid"},
             {{"loss", not_a_number}, {"up", infinity}, {"down", -infinity}, {"acc", 1}, {"other", -not_a_number}});
  CHECK(lines_of(path)[1] ==
        "{\"t\":1732600000.25,\"step\":1201,\"epoch\":3,\"split\":\"valid\",\"loss\":null,\"up\":null,\"down\":null,"
        "\"acc\":1,\"other\":null,\"nan\":[\"loss\",\"other\"],\"inf\":[\"up\"],\"-inf\":[\"down\"]}");
  log.sync();
}

TEST_CASE("json lines: numbers read back as the same double", "[nn][train][json_lines]") {
  const test::TemporaryFolder folder;
  const std::string path = folder.path() / "log.jsonl";
  JsonLines log(path, Open::fresh, noon);
  const std::vector<double> numbers{0.1,  1.0 / 3,  5e-324, 1.7976931348623157e308, -0.0,
                                    1e21, 123456.7, 2.5e-7, 9007199254740993.0};
  for (const double number : numbers) log.record({}, {{"x", number}});
  const std::vector<std::string> lines = lines_of(path);
  REQUIRE(lines.size() == numbers.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto read = nlohmann::json::parse(lines[i])["x"].get<double>();
    CHECK(read == numbers[i]);
    CHECK(std::signbit(read) == std::signbit(numbers[i]));
  }
}

TEST_CASE("json lines: the header says what the run is and what computes", "[nn][train][json_lines]") {
  const test::TemporaryFolder folder;
  const std::string path = folder.path() / "log.jsonl";
  JsonLines log(path, Open::fresh, noon);
  log.header({{"seed", 3}, {"quick", true}, {"lr", 0.5}, {"argv", "train --data \"a\\b\"\n\xff"}});
  log.record({}, {});
  const auto read = nlohmann::json::parse(lines_of(path)[0]);
  CHECK(read["run"]["seed"] == 3);
  CHECK(read["run"]["quick"] == true);
  CHECK(read["run"]["lr"] == 0.5);
  CHECK(read["run"]["argv"] == "train --data \"a\\b\"\n\uFFFD");
  CHECK(read["threads"] == threads());
  CHECK(read["simd"] == simd_description());
  CHECK(read["blas"] == blas_description());
  CHECK(read["reproducible"] == reproducible());
  CHECK(lines_of(path).size() == 2);
}

TEST_CASE("json lines: a resumed run goes on behind what is there, also behind half a line",
          "[nn][train][json_lines]") {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("log.jsonl", "{\"t\":1,\"step\":1}\n{\"t\":2,\"st");
  CHECK(refused<IoError>([&] { JsonLines(path, Open::fresh); }) ==
        "append " + path + ": is there already, with 27 bytes");
  {
    JsonLines log(path, Open::existing, noon);
    log.record({.step = 2}, {});
    log.record({.step = 3}, {});
  }
  const std::vector<std::string> lines = lines_of(path);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0] == "{\"t\":1,\"step\":1}");
  CHECK(lines[1] == "{\"t\":2,\"st");  // the torn one stays by itself
  CHECK(nlohmann::json::parse(lines[2])["step"] == 2);
  CHECK(nlohmann::json::parse(lines[3])["step"] == 3);
}

TEST_CASE("json lines: what cannot be written says so, and names that are taken", "[nn][train][json_lines]") {
  const test::TemporaryFolder folder;
  CHECK(refused<IoError>([&] {
          JsonLines(folder.path() / "none" / "log", Open::fresh);
        }).ends_with(": open: No such file or directory"));
  JsonLines full("/dev/full", Open::fresh);
  CHECK(refused<IoError>([&] { full.record({}, {{"loss", 1}}); }) ==
        "append /dev/full: write: No space left on device");
  const std::string path = folder.path() / "log";
  JsonLines log(path, Open::fresh);
  CHECK(refused<Error>([&] { log.record({}, {{"loss", 1}, {"step", 1}}); }) ==
        "JsonLines: the metric \"step\" has the name of a field that every record has");
  CHECK(refused<Error>([&] { log.header({{"a", 1.0}, {"a", true}}); }) == "JsonLines: the field \"a\" is there twice");
  CHECK(refused<Error>([&] { log.record({}, {{"a", 1}, {"a", 1}}); }) == "JsonLines: the metric \"a\" is there twice");
  CHECK(read_bytes(path).empty());
}
