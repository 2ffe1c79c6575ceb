// What heed runs on: the threads of its loops, and the BLAS library of its products.
#pragma once

#include <string>

namespace heed {

/// How many threads loops may use from now on. The default is what the machine offers. More than 64 are taken as 64,
/// and threads() tells; a count below 1 is an Error.
void set_threads(int count);
int threads();

/// Library, version and the kernel set it chose, such as "OpenBLAS 0.3.21 ... SkylakeX"; "CBLAS" when it does not tell.
std::string blas_description();

}  // namespace heed
