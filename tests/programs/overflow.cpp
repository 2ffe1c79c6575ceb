// Overflows planted for AddressSanitizer: the tests of the preset asan-ubsan expect it to report them, for tensors are
// to have memory from malloc there, and none from a pool that it cannot see into.
#include <heed.h>

#include <cstdio>
#include <string_view>

using namespace heed;

int main(int argc, char** argv) {
  const std::string_view kind = argc > 1 ? argv[1] : "";
  const std::int64_t size = kind == "small" ? 100 : 1'000'000, beyond = kind == "none" ? 0 : 20;
  const Tensor x = ones({size});
  volatile float read = x.data<float>()[size - 1 + beyond];
  std::printf("%g\n", static_cast<double>(read));
}
