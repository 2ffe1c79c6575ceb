// At most so many threads at a time in some piece of code. Not part of the public interface.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace heed {

/// Between enter() and leave() are never more threads than `most`; enter() waits for its turn. Not
/// std::counting_semaphore, which in libstdc++ 12 can sleep for ever. With no one waiting neither takes a lock.
class CallLimit {
 public:
  explicit CallLimit(int most) : most_(most) {}

  void enter() {
    if (try_enter()) return;
    std::unique_lock lock(guard_);
    ++waiting_;  // before inside_ is looked at again; leave() changes inside_ before it looks at waiting_
    left_.wait(lock, [this] { return try_enter(); });
    --waiting_;
  }

  void leave() {
    --inside_;
    if (waiting_ == 0) return;
    const std::lock_guard lock(guard_);  // a thread that has found no place, but does not sleep yet, holds it
    left_.notify_one();
  }

 private:
  bool try_enter() {
    int inside = inside_;
    while (inside < most_)
      if (inside_.compare_exchange_weak(inside, inside + 1)) return true;
    return false;
  }

  const int most_;
  std::atomic<int> inside_ = 0, waiting_ = 0;
  std::mutex guard_;
  std::condition_variable left_;
};

}  // namespace heed
