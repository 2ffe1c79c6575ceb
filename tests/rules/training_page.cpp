// docs/training.md does what it says. tests/CMakeLists.txt compiles it from the page's own text.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "examples/process.h"
#include "rules/rules.h"
#include "support/catch.h"
#include "support/paths.h"
#include "support/temporary_folder.h"

using namespace heed::test;
namespace fs = std::filesystem;

namespace {

int train(const fs::path& folder, const std::string& out, const std::string& data = "") {
  fs::create_directories(folder / out);
  return Process(heed::training_page(), {data, out}, folder).wait();
}

double accuracy(const fs::path& folder) {
  const std::string printed = read_bytes(folder / "stdout"), before = "accuracy ";
  const std::size_t at = printed.find(before);
  return at == printed.npos ? 0 : std::stod(printed.substr(at + before.size()));
}

// The page's block in this language.
std::string block(const std::string& language) {
  const std::string page = heed::rules::read_file("docs/training.md").text, before = "```" + language + "\n";
  const std::size_t begin = page.find(before) + before.size();
  return page.substr(begin, page.find("```", begin) - begin);
}

}  // namespace

TEST_CASE("docs/training.md trains, on its own points and on a file's", "[rules][programs]") {
  const TemporaryFolder folder;
  REQUIRE(train(folder.path(), "own") == 0);
  CHECK(accuracy(folder.path()) > 0.95);
  for (const char* name : {"model.safetensors", "loss.svg", "log.jsonl", "checkpoint.safetensors"})
    CHECK(fs::file_size(folder.path() / "own" / name) > 100);
  std::ostringstream table;
  table << "x,y,label\n";
  for (int i = 0; i < 300; ++i) table << i % 20 / 10.0 - 1 << ',' << i / 15 / 10.0 - 1 << ',' << (i % 20 > 9) << '\n';
  folder.write("points.csv", table.str());
  REQUIRE(train(folder.path(), "file", "points.csv") == 0);
  CHECK(accuracy(folder.path()) > 0.95);
  CHECK(read_bytes(folder.path() / "stdout").starts_with("points.csv: read and kept 300 rows of 3 columns"));
  CHECK(train(folder.path(), "none", "nowhere.csv") == 1);
  CHECK(read_bytes(folder.path() / "stderr").starts_with("nowhere.csv"));
}

TEST_CASE("the program of docs/training.md may be killed at any moment", "[rules][programs]") {
  const TemporaryFolder folder;
  REQUIRE(train(folder.path(), "whole") == 0);
  fs::create_directory(folder.path() / "killed");
  const fs::path checkpoint = folder.path() / "killed" / "checkpoint.safetensors";
  int kills = 0, resumed = 0;
  for (int status = -1; status != 0; ++kills) {
    fs::file_time_type last = fs::exists(checkpoint) ? fs::last_write_time(checkpoint) : fs::file_time_type::min();
    Process process(heed::training_page(), {"", "killed"}, folder.path());
    // Killed when it has written another checkpoint; the fourth time it may end.
    for (int wait = 0; kills < 3 && wait < 60'000; ++wait) {
      if (fs::exists(checkpoint) && fs::last_write_time(checkpoint) != last) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (kills < 3) process.send(SIGKILL);
    status = process.wait();
    REQUIRE((status == 0 || status == 128 + SIGKILL));
    resumed += read_bytes(folder.path() / "stdout").starts_with("goes on from step ");
  }
  CHECK(resumed >= 1);
  CHECK(read_bytes(folder.path() / "killed/model.safetensors") ==
        read_bytes(folder.path() / "whole/model.safetensors"));
}

TEST_CASE("PyTorch opens the model of docs/training.md, where it is installed", "[rules][programs]") {
  const TemporaryFolder folder;
  const char* const python = std::getenv("HEED_PYTHON");
  const std::string program = python ? python : "python3", null = " >/dev/null 2>&1";
  if (std::system((program + " -c 'import torch, safetensors'" + null).c_str()) != 0) {
    WARN("not tested: " + program + " has no torch and safetensors; HEED_PYTHON names another one");
    return;
  }
  REQUIRE(train(folder.path(), "out") == 0);
  const fs::path script = folder.write("open.py", block("python"));
  const std::string run = program + " " + script.string() + " " + (folder.path() / "out").string() + " > " +
                          (folder.path() / "answer").string();
  REQUIRE(std::system(run.c_str()) == 0);
  CHECK(read_bytes(folder.path() / "answer") == "[0, 1, 1, 0]\n");
}
