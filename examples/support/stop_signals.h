// Ctrl-C and SIGTERM as a request to stop at the next good moment, while work is done that can be saved.
#pragma once

#include <stdexcept>
#include <string>

namespace heed::examples {

/// While one lives, the first SIGINT or SIGTERM is only noted; a second one ends the program as ever. A signal that the
/// program was started to ignore (nohup, a shell's background job) stays ignored. One at a time.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  static int received();  ///< SIGINT or SIGTERM, 0 when neither has come
};

/// Thrown when the work is saved: the program ends with status 128 + signal, as the shell names such an end.
struct Stopped : std::runtime_error {
  int signal;
  Stopped(int number, const std::string& message) : std::runtime_error(message), signal(number) {}
};

}  // namespace heed::examples
