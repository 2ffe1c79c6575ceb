// Running the examples as their users run them.
#pragma once

#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/catch.h"
#include "support/paths.h"
#include "support/temporary_folder.h"

namespace heed::test {

struct Outcome {
  int status;
  std::string out, err;
};

inline std::string quoted(const std::filesystem::path& path) { return "'" + path.string() + "'"; }

inline int status_of(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Runs `<program> <arguments>` in the folder `folder`/work, with `input` on standard input. A run that hangs ends
/// after ten minutes, with a status of its own: a training of some seconds may share its processor with many others.
inline Outcome run(const TemporaryFolder& folder, const std::string& arguments, const std::string& input = "",
                   const std::string& program = "translate") {
  const std::filesystem::path in = folder.write("stdin", input);
  std::filesystem::create_directory(folder.path() / "work");
  const std::string command = "cd " + quoted(folder.path() / "work") + " && timeout 600 " +
                              quoted(example_program(program)) + " " + arguments + " <" + quoted(in) + " >" +
                              quoted(folder.path() / "stdout") + " 2>" + quoted(folder.path() / "stderr");
  return {status_of(command), read_bytes(folder.path() / "stdout"), read_bytes(folder.path() / "stderr")};
}

inline long lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A refusal: this status, this text in the one line on standard error, nothing on standard output.
inline void check_refused(const Outcome& outcome, int status, const std::string& expected,
                          const std::string& program = "translate") {
  INFO(outcome.err);
  INFO("expected: " << expected);
  CHECK(outcome.status == status);
  CHECK(lines(outcome.err) == 1);
  CHECK(outcome.err.starts_with(program + ": "));
  CHECK(contains(outcome.err, expected));
}

/// A model and a training that are as small as they can be and learn more than the frequencies of characters or words.
inline const std::string tiny = " --progress off --hidden 8 --batch 8 --beam 1 --lr 0.05";
inline const std::string few_steps = " --steps 20";

/// Sixty pairs of three words in several scripts.
inline std::string pairs() {
  std::string text;
  const char* const words[] = {"eins\tone", "zwei\ttwo", "drei\tthree", "grün\tgreen", "Öl\toil", "猫\tcat"};
  for (int i = 0; i < 60; ++i) {
    const std::string a = words[i % 6], b = words[i / 6 % 6];
    text += a.substr(0, a.find('\t')) + " " + std::to_string(i % 7) + " " + b.substr(0, b.find('\t')) + "\t" +
            a.substr(a.find('\t') + 1) + " " + std::to_string(i % 7) + " " + b.substr(b.find('\t') + 1) +
            "\tthird column\n";
  }
  return text;
}

}  // namespace heed::test
