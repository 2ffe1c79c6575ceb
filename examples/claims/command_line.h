// The program claims, for any list of them.
#pragma once

#include <vector>

#include "examples/claims/claim.h"

namespace heed::examples {

/// Reads the command line, runs what it asks for and prints it. FormatError, IoError for flags and files that cannot be
/// used, before anything runs; Error, after everything has run and is written, when a criterion does not hold.
void run_claims_program(const std::vector<Claim>& all, int argc, char** argv);

}  // namespace heed::examples
