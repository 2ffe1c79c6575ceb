// A program that runs claims, for any list of them.
#pragma once

#include <string>
#include <vector>

#include "examples/claims/claim.h"

namespace heed::examples {

struct ClaimsProgram {
  std::string name, description;
  std::vector<Claim> claims;
  bool attention = false;  ///< whether they have AttentionMaps: the flag --attention
};

/// Reads the command line, runs what it asks for and prints it. FormatError, IoError for flags and files that cannot be
/// used, before anything runs; Error, after everything has run and is written, when a criterion does not hold.
void run_claims_program(const ClaimsProgram& program, int argc, char** argv);

}  // namespace heed::examples
