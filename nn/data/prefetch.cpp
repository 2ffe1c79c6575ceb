#include "heed/nn/data/prefetch.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "heed/tensor/error.h"

namespace heed::nn {

// The standard library's threads and not oneTBB's tasks: what reads files waits, and a worker that waits computes
// nothing.
struct BackgroundThreads::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> work;
  bool ending = false;
  std::vector<std::thread> threads;

  void run() {
    for (std::unique_lock lock(mutex);;) {
      changed.wait(lock, [&] { return ending || !work.empty(); });
      if (ending) return;
      {
        const std::function<void()> next = std::move(work.front());
        work.pop_front();
        lock.unlock();
        next();
      }
      lock.lock();
    }
  }

  ~State() {
    {
      const std::lock_guard lock(mutex);
      ending = true;
    }
    changed.notify_all();
    for (std::thread& thread : threads) thread.join();
  }
};

BackgroundThreads::BackgroundThreads(int threads) : state_(std::make_unique<State>()) {
  try {
    for (int i = 0; i < threads; ++i) state_->threads.emplace_back([state = state_.get()] { state->run(); });
  } catch (const std::system_error& error) {
    throw Error(fmt::format("prefetch: thread {} of {} cannot be started: {}", state_->threads.size() + 1, threads,
                            error.code().message()));
  }
}

BackgroundThreads::~BackgroundThreads() = default;

void BackgroundThreads::add(std::function<void()> work) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->work.push_back(std::move(work));
  }
  state_->changed.notify_one();
}

void check_prefetch(const PrefetchConfig& config) {
  constexpr int most_threads = 64;
  constexpr std::int64_t most_ahead = 1'000'000;
  if (config.threads < 0 || config.threads > most_threads || config.ahead < 1 || config.ahead > most_ahead)
    throw Error(fmt::format("prefetch: {} threads and {} items ahead, expected [0, {}] and [1, {}]", config.threads,
                            config.ahead, most_threads, most_ahead));
}

}  // namespace heed::nn
