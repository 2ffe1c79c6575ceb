// Memory that runs out on demand: operator new and oneTBB's scalable_aligned_malloc, where heed's tensors and nodes
// come from, pass through here in the whole program. Not in sanitizer builds, whose allocators must stay their own.
#pragma once

#include <cstdint>

namespace heed::test {

enum class Shortage {
  once,     ///< the n-th allocation fails, those after it succeed
  full,     ///< the n-th fails, those after it succeed when there is less than there was then
  lasting,  ///< all fail from the n-th on
};

/// While it lives, allocations of the thread that made it fail, from the n-th (from 1). One at a time.
class FailingAllocation {
 public:
  FailingAllocation(std::int64_t n, Shortage shortage);
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;
  ~FailingAllocation();

  bool failed() const;  ///< whether there were n allocations
};

/// What this thread has allocated less what it has freed.
std::int64_t live_allocations();

}  // namespace heed::test
