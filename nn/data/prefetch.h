// Prefetch: batches made by other threads while the model computes, in the order and with the bits that one thread
// would give.
//
//   Prefetch<EpochOrder::Batch, Tensor> batches([&] { return std::optional(order.next()); }, load_images, {.threads =
//   2}); while (const auto images = batches.next()) train(*images);
#pragma once

#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <utility>

namespace heed::nn {

struct PrefetchConfig {
  int threads = 1;         ///< 0: everything happens in next()
  std::int64_t ahead = 4;  ///< items that are being made or wait to be taken, at most
};

/// Threads that do what they are given, in the order they are given it.
class BackgroundThreads {
 public:
  /// Error when a thread cannot be started; those that could have ended again.
  explicit BackgroundThreads(int threads);
  BackgroundThreads(const BackgroundThreads&) = delete;
  BackgroundThreads& operator=(const BackgroundThreads&) = delete;
  /// Waits for what has been begun; what has not is dropped.
  ~BackgroundThreads();

  /// `work` must not throw.
  void add(std::function<void()> work);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Error unless threads and ahead are in [0, 64] and [1, 1,000,000].
void check_prefetch(const PrefetchConfig& config);

/// Tickets say what is to be made: which examples go into a batch, say. `next_ticket` draws them one after the other on
/// the thread that calls next(), up to `ahead` items early, so that a random order stays what it is; `make` turns one
/// into an item on any thread, several at a time, and must depend on nothing but its ticket.
///
/// A position that is to be saved (EpochOrder::state_dict()) belongs into the ticket and on into the item: the order
/// itself is ahead of the items taken.
template <class Ticket, class Item>
class Prefetch {
 public:
  /// Nothing happens before the first next(). Error for a config out of its range or a thread that cannot be started.
  Prefetch(std::function<std::optional<Ticket>()> next_ticket, std::function<Item(const Ticket&)> make,
           const PrefetchConfig& config = {})
      : next_ticket_(std::move(next_ticket)),
        make_(std::make_shared<const std::function<Item(const Ticket&)>>(std::move(make))),
        ahead_(config.ahead) {
    check_prefetch(config);
    if (config.threads > 0) threads_ = std::make_unique<BackgroundThreads>(config.threads);
  }

  /// The next item; none when there are no more tickets. Throws what making this item, or drawing its ticket, has
  /// thrown; the one after that is then the next. No tickets are drawn after one that could not be. std::bad_alloc when
  /// there is no memory to give a ticket to a thread; no item is lost then.
  std::optional<Item> next() {
    while (!ended_ && (waiting_.empty() || (threads_ && static_cast<std::int64_t>(waiting_.size()) < ahead_))) draw();
    if (waiting_.empty()) {
      if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
      return std::nullopt;
    }
    std::future<Item> item = std::move(waiting_.front());
    waiting_.pop_front();
    return item.get();
  }

 private:
  // A ticket that has been drawn stays in drawn_ until all memory that its item needs is there.
  void draw() {
    if (!drawn_) drawn_ = std::make_shared<std::optional<Ticket>>();
    if (!*drawn_) {
      try {
        *drawn_ = next_ticket_();
      } catch (...) {
        failure_ = std::current_exception();
      }
      ended_ = !*drawn_;
      if (ended_) return;
    }
    const auto task =
        std::make_shared<std::packaged_task<Item()>>([make = make_, ticket = drawn_] { return (*make)(**ticket); });
    waiting_.push_back(task->get_future());
    try {
      if (threads_) threads_->add([task] { (*task)(); });
    } catch (...) {
      waiting_.pop_back();
      throw;
    }
    drawn_.reset();
    if (!threads_) (*task)();
  }

  std::function<std::optional<Ticket>()> next_ticket_;
  std::shared_ptr<const std::function<Item(const Ticket&)>> make_;
  std::int64_t ahead_;
  std::deque<std::future<Item>> waiting_;
  std::shared_ptr<std::optional<Ticket>> drawn_;
  std::exception_ptr failure_;  // of the order, which comes behind the items that wait
  bool ended_ = false;
  std::unique_ptr<BackgroundThreads> threads_;  // last: it ends before what it works on
};

}  // namespace heed::nn
