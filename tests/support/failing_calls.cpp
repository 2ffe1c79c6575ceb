#include "support/failing_calls.h"

#include <dlfcn.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace heed::test {
namespace {

int calls_left = 0;  // until the one that fails; 0: none does
Failure kind = Failure::full;
bool has_failed = false;

bool fails() {
  if (calls_left == 0 || --calls_left > 0) return false;
  has_failed = true;
  errno = kind == Failure::broken ? EIO : ENOSPC;
  return true;
}

template <class Call>
Call* real(const char* name) {
  return reinterpret_cast<Call*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

FailingCall::FailingCall(int k, Failure failure) {
  kind = failure;
  has_failed = false;
  calls_left = k;
}

FailingCall::~FailingCall() { calls_left = 0; }

bool FailingCall::failed() const { return has_failed; }

}  // namespace heed::test

// These stand before the C library's, for the libraries of this program as well.
extern "C" {

ssize_t write(int file, const void* bytes, size_t count) {
  using namespace heed::test;
  static auto* const next = real<decltype(write)>("write");
  const bool is_partial = kind == Failure::partial && calls_left == 1 && count > 1;
  if (fails()) {
    if (!is_partial) return -1;
    calls_left = 1;
    return next(file, bytes, count / 2);
  }
  return next(file, bytes, count);
}

int fsync(int file) {
  static auto* const next = heed::test::real<decltype(fsync)>("fsync");
  return heed::test::fails() ? -1 : next(file);
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  static auto* const next = heed::test::real<decltype(renameat)>("renameat");
  return heed::test::fails() ? -1 : next(from_folder, from, to_folder, to);
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) noexcept {
  static auto* const next = heed::test::real<decltype(linkat)>("linkat");
  return heed::test::fails() ? -1 : next(from_folder, from, to_folder, to, flags);
}
}
