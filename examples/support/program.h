// What every program does around its work.
#pragma once

#include <string>

#include "heed/nn/train/progress.h"

namespace heed::examples {

/// The body of main(): 0 when run(argc, argv) returns; 2 for a flag or a file that cannot be used (FormatError,
/// IoError), 128 + signal for Stopped, 1 for anything else, with one line on standard error, "NAME: what and where".
/// Also 2 when standard output cannot be written.
int run_program(const char* name, void (*run)(int argc, char** argv), int argc, char** argv);

/// What --progress says: auto, on or off.
nn::ProgressMode progress_mode(const std::string& flag);

/// Seconds of a clock that only goes forward.
double now();

}  // namespace heed::examples
