// attend: three attention mechanisms classify made-up documents; what each reaches, and a picture of where it looked.
//
// Results go to standard output. The exit code is 0 when all criteria hold, 1 when one does not.
#include "examples/attend/mechanisms.h"
#include "examples/claims/command_line.h"
#include "examples/support/program.h"

namespace heed::examples {
namespace {

void run(int argc, char** argv) {
  run_claims_program(
      {"attend", "Trains three attention mechanisms and shows where they look", attention_mechanisms(), true}, argc,
      argv);
}

}  // namespace
}  // namespace heed::examples

int main(int argc, char** argv) { return heed::examples::run_program("attend", heed::examples::run, argc, argv); }
