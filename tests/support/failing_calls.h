// System calls that fail on demand: write, fsync, renameat and linkat of this whole program pass through here, so that
// what it does with files can be tested on a full or broken disk.
#pragma once

namespace heed::test {

enum class Failure {
  full,     ///< ENOSPC
  broken,   ///< EIO
  partial,  ///< a write() takes half of its bytes, the call after it fails with ENOSPC
};

/// While it lives, the k-th of these calls (from 1) fails. One at a time, and no other thread may write meanwhile.
class FailingCall {
 public:
  FailingCall(int k, Failure failure);
  FailingCall(const FailingCall&) = delete;
  FailingCall& operator=(const FailingCall&) = delete;
  ~FailingCall();

  bool failed() const;  ///< whether there were k calls
};

}  // namespace heed::test
