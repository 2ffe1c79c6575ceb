// claims: what papers claim of sequence models, as experiments that pass or fail (measured values: docs/claims.md).
//
// Results go to standard output. The exit code is 0 when all criteria hold, 1 when one does not.
#include "examples/claims/all_claims.h"
#include "examples/claims/command_line.h"
#include "examples/support/program.h"

namespace heed::examples {
namespace {

void run(int argc, char** argv) {
  run_claims_program({"claims", "Runs experiments on what papers claim of sequence models", all_claims(), true}, argc,
                     argv);
}

}  // namespace
}  // namespace heed::examples

int main(int argc, char** argv) { return heed::examples::run_program("claims", heed::examples::run, argc, argv); }
