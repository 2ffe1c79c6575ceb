#include "heed/tensor/kernels/target.h"

#include <atomic>
#include <cstdint>

#include "heed/tensor/kernels/instruction_sets.h"

#include <hwy/highway.h>

namespace heed::kernels {
namespace {

// Highway numbers its targets by bits, the best first; its dispatch takes the first that is allowed.
std::vector<std::int64_t> usable_targets() {
  std::vector<std::int64_t> targets;
  for (std::int64_t left = hwy::SupportedTargets() & HWY_TARGETS; left != 0; left &= left - 1)
    targets.push_back(left & -left);
  return targets;
}

std::atomic<std::int64_t> chosen = 0;  // 0: the best

}  // namespace

std::string simd_target() { return hwy::TargetName(chosen != 0 ? chosen.load() : usable_targets().front()); }

std::vector<std::string> simd_targets() {
  std::vector<std::string> names;
  for (std::int64_t target : usable_targets()) names.emplace_back(hwy::TargetName(target));
  return names;
}

bool use_simd_target(const std::string& name) {
  for (std::int64_t target : usable_targets())
    if (name == hwy::TargetName(target)) {
      hwy::GetChosenTarget().Update(target);
      chosen = target;
      return true;
    }
  return false;
}

}  // namespace heed::kernels
