// The kernels use the best instructions this CPU has, by an account independent of Highway's.
#include "heed/tensor/kernels/target.h"

#include <algorithm>
#include <set>

#include "heed/tensor/kernels/activation.h"
#include "heed/tensor/kernels/additive_score.h"
#include "heed/tensor/kernels/attention.h"
#include "heed/tensor/kernels/elementwise.h"
#include "heed/tensor/kernels/gru.h"
#include "heed/tensor/kernels/layer_norm.h"
#include "heed/tensor/kernels/log_sum_exp.h"
#include "heed/tensor/kernels/lstm.h"
#include "heed/tensor/kernels/optim.h"
#include "heed/tensor/kernels/product.h"
#include "heed/tensor/kernels/reduce.h"
#include "heed/tensor/kernels/rnn.h"
#include "heed/tensor/kernels/softmax.h"
#include "heed/tensor/kernels/vector_product.h"
#include "support/catch.h"

using heed::kernels::simd_target, heed::kernels::simd_targets, heed::kernels::use_simd_target;

TEST_CASE("the best instruction set is the best of this CPU", "[kernels]") {
  const std::string target = simd_targets().front();
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

TEST_CASE("every instruction set of this CPU can be chosen, and no other", "[kernels]") {
  const std::string before = simd_target();
  const std::vector<std::string> all = simd_targets();
  CHECK(std::find(all.begin(), all.end(), before) != all.end());
  for (const std::string& target : all) {
    CHECK(use_simd_target(target));
    CHECK(simd_target() == target);
  }
  CHECK(use_simd_target(before));
  CHECK_FALSE(use_simd_target("AVX9"));
  CHECK_FALSE(use_simd_target(""));
  CHECK(simd_target() == before);
}

TEST_CASE("every table of kernels is that of the instruction set in use", "[kernels]") {
  namespace kernels = heed::kernels;
  const std::string before = simd_target();
  const std::vector<std::string> all = simd_targets();
  std::vector<std::set<const void*>> tables;
  for (const std::string& target : all) {
    use_simd_target(target);
    const void* chosen[] = {&kernels::activation().of<float>(),
                            &kernels::activation().of<double>(),
                            &kernels::additive_score().of<float>(),
                            &kernels::additive_score().of<double>(),
                            &kernels::attention().of<float>(),
                            &kernels::attention().of<double>(),
                            &kernels::elementwise().of<float>(),
                            &kernels::elementwise().of<double>(),
                            &kernels::gru().of<float>(),
                            &kernels::gru().of<double>(),
                            &kernels::layer_norm().of<float>(),
                            &kernels::layer_norm().of<double>(),
                            &kernels::log_sum_exp().of<float>(),
                            &kernels::log_sum_exp().of<double>(),
                            &kernels::lstm().of<float>(),
                            &kernels::lstm().of<double>(),
                            &kernels::optim().of<float>(),
                            &kernels::optim().of<double>(),
                            &kernels::product().of<float>(),
                            &kernels::product().of<double>(),
                            &kernels::reduce().of<float>(),
                            &kernels::reduce().of<double>(),
                            &kernels::rnn_relu().of<float>(),
                            &kernels::rnn_relu().of<double>(),
                            &kernels::rnn_tanh().of<float>(),
                            &kernels::rnn_tanh().of<double>(),
                            &kernels::softmax().of<float>(),
                            &kernels::softmax().of<double>(),
                            &kernels::vector_product().of<float>(),
                            &kernels::vector_product().of<double>()};
    tables.resize(std::size(chosen));
    for (std::size_t i = 0; i < tables.size(); ++i) tables[i].insert(chosen[i]);
  }
  use_simd_target(before);
  for (const std::set<const void*>& table : tables) CHECK(table.size() == all.size());
}
