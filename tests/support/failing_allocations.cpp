#include "support/failing_allocations.h"

#ifndef HEED_PLAIN_MALLOC

#include <dlfcn.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace heed::test {
namespace {

constinit thread_local std::int64_t allocations_left = 0;  // until the one that fails; 0: none does
constinit thread_local Shortage kind = Shortage::once;
constinit thread_local bool has_failed = false, fails_again = false;
constinit thread_local std::int64_t live = 0, most = 0;

bool fails() {
  if (allocations_left == 0) return false;
  if (has_failed) return kind == Shortage::lasting || (kind == Shortage::full && live >= most);
  if (--allocations_left > 0) return false;
  allocations_left = 1;
  most = live;
  return has_failed = true;
}

// heed asks its pool again after giving back what it had kept: an allocation that fails is two calls.
bool pool_fails() {
  if (fails_again) {
    fails_again = false;
    return true;
  }
  const bool result = fails();
  fails_again = result;
  return result;
}

void* counted(void* memory) {
  live += memory != nullptr;
  return memory;
}

void* or_throw(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return counted(memory);
}

void release(void* memory) noexcept {
  live -= memory != nullptr;
  std::free(memory);
}

template <class Call>
Call* real(const char* name) {
  return reinterpret_cast<Call*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

FailingAllocation::FailingAllocation(std::int64_t n, Shortage shortage) {
  kind = shortage;
  has_failed = fails_again = false;
  allocations_left = n;
}

FailingAllocation::~FailingAllocation() {
  allocations_left = 0;
  fails_again = false;
}

bool FailingAllocation::failed() const { return has_failed; }

std::int64_t live_allocations() { return live; }

}  // namespace heed::test

// The other forms of the standard library (arrays, sizes, std::nothrow) call these.
void* operator new(std::size_t bytes) {
  using namespace heed::test;
  return or_throw(fails() ? nullptr : std::malloc(bytes == 0 ? 1 : bytes));
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  using namespace heed::test;
  const auto unit = static_cast<std::size_t>(alignment);
  return or_throw(fails() ? nullptr : std::aligned_alloc(unit, (bytes + unit - 1) / unit * unit));
}
void operator delete(void* memory) noexcept { heed::test::release(memory); }
void operator delete(void* memory, std::size_t) noexcept { heed::test::release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { heed::test::release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { heed::test::release(memory); }

// These stand before oneTBB's.
extern "C" {

void* scalable_aligned_malloc(std::size_t bytes, std::size_t alignment) {
  using namespace heed::test;
  static auto* const next = real<decltype(scalable_aligned_malloc)>("scalable_aligned_malloc");
  return pool_fails() ? nullptr : counted(next(bytes, alignment));
}

void scalable_aligned_free(void* memory) {
  using namespace heed::test;
  static auto* const next = real<decltype(scalable_aligned_free)>("scalable_aligned_free");
  live -= memory != nullptr;
  next(memory);
}
}

#endif
