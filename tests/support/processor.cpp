// What the whole test program runs on, from the environment (scripts/processors.sh sets it):
//   HEED_TEST_SIMD     the kernels' instruction set, such as AVX2
//   HEED_TEST_THREADS  heed's number of threads
// OpenBLAS reads OPENBLAS_CORETYPE itself.
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>

#include "heed/tensor/kernels/target.h"
#include "heed/tensor/runtime.h"
#include "support/catch.h"

namespace {

const bool limited = [] {
  if (const char* target = std::getenv("HEED_TEST_SIMD"); target && !heed::kernels::use_simd_target(target))
    throw std::invalid_argument(std::string("HEED_TEST_SIMD: no such instruction set here: ") + target);
  if (const char* count = std::getenv("HEED_TEST_THREADS")) heed::set_threads(std::stoi(count));
  return true;
}();

}  // namespace

// Hidden: it tests nothing and tells scripts/processors.sh what runs.
TEST_CASE("what runs here", "[.processor]") {
  CHECK(limited);
  std::cout << "blas: " << heed::blas_description() << "\nsimd: " << heed::kernels::simd_target() << "\nsimd targets:";
  for (const std::string& target : heed::kernels::simd_targets()) std::cout << ' ' << target;
  std::cout << "\nthreads: " << heed::threads() << '\n';
}
