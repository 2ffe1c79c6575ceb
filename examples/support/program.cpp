#include "examples/support/program.h"

#include <chrono>
#include <iostream>

#include "examples/support/stop_signals.h"
#include "heed/nn/train/terminal.h"
#include "heed/tensor/error.h"

namespace heed::examples {
namespace {

// The message in one line, whatever a file or a flag has put into it.
int fail(const char* name, const std::exception& error, int status) {
  std::cerr << name << ": " << nn::printable(error.what()) << '\n';
  return status;
}

}  // namespace

int run_program(const char* name, void (*run)(int argc, char** argv), int argc, char** argv) {
  try {
    run(argc, argv);
    if (!std::cout.flush()) throw IoError("standard output: cannot write");
    return 0;
  } catch (const FormatError& error) {
    return fail(name, error, 2);
  } catch (const IoError& error) {
    return fail(name, error, 2);
  } catch (const Stopped& stopped) {
    return fail(name, stopped, 128 + stopped.signal);
  } catch (const std::exception& error) {
    return fail(name, error, 1);
  }
}

nn::ProgressMode progress_mode(const std::string& flag) {
  return flag == "on" ? nn::ProgressMode::on : flag == "off" ? nn::ProgressMode::off : nn::ProgressMode::automatic;
}

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace heed::examples
