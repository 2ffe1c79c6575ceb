// The kernels use the best instructions this CPU has, by an account independent of Highway's.
#include "heed/tensor/kernels/target.h"

#include "support/catch.h"

TEST_CASE("the chosen instruction set is the best of this CPU", "[kernels]") {
  const std::string target = heed::kernels::simd_target();
  CAPTURE(target);
#if defined(__x86_64__)
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
                    __builtin_cpu_supports("bmi2");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512cd");
  const bool sse4 =
      __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
  const std::string best = avx512 ? "AVX3" : avx2 ? "AVX2" : sse4 ? "SSE4" : "";
  CHECK(target.compare(0, best.size(), best) == 0);
#else
  CHECK(target != "SCALAR");
  CHECK(target != "EMU128");
#endif
  CHECK(!target.empty());
}
