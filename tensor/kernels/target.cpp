// Reports the instruction set that Highway's dispatch picks, by asking through the same dispatch, and chooses another.
#include "heed/tensor/kernels/target.h"

#include <cstdint>

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/target.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
const char* target_name() { return hwy::TargetName(HWY_TARGET); }
bool target_has_fma() { return HWY_NATIVE_FMA; }
}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(target_name);
HWY_EXPORT(target_has_fma);

// Highway numbers its targets by bits, the best first.
static std::vector<std::int64_t> usable_targets() {
  std::vector<std::int64_t> targets;
  for (std::int64_t left = hwy::SupportedTargets() & HWY_TARGETS; left != 0; left &= left - 1)
    targets.push_back(left & -left);
  return targets;
}

std::string simd_target() { return HWY_DYNAMIC_DISPATCH(target_name)(); }

bool has_fused_multiply_add() { return HWY_DYNAMIC_DISPATCH(target_has_fma)(); }

std::vector<std::string> simd_targets() {
  std::vector<std::string> names;
  for (std::int64_t target : usable_targets()) names.emplace_back(hwy::TargetName(target));
  return names;
}

bool use_simd_target(const std::string& name) {
  for (std::int64_t target : usable_targets())
    if (name == hwy::TargetName(target)) {
      hwy::GetChosenTarget().Update(target);
      return true;
    }
  return false;
}

}  // namespace heed::kernels
#endif
