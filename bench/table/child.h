// A program that takes steps of one workload (workloads/serve.h), driven through two pipes. It sleeps between two
// calls.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>
#include <vector>

namespace heed::bench {

class Child {
 public:
  struct Answer {
    double seconds;  ///< of all steps together
    double value;    ///< of the last
  };

  /// Starts command[0] with the others as its arguments. std::runtime_error when that fails.
  explicit Child(std::vector<std::string> command);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();  ///< ends it

  /// std::runtime_error when the program has ended.
  Answer take_steps(int steps);

 private:
  std::string name_;
  pid_t id_ = 0;
  std::FILE *to_ = nullptr, *from_ = nullptr;
};

/// The first line that a command prints; empty when it fails.
std::string first_line(const std::string& command);

}  // namespace heed::bench
