// ProgressBar: how far a long loop has come. On a terminal one line that is drawn again at most ten times a second; in
// a file or pipe a plain line now and then. A tick costs a few nanoseconds, so it may be called in the innermost loop.
//
//   epoch 3/10 [########----------] 412/938 | loss 0.231 | acc 93.1 | eta 0:12
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heed/nn/train/terminal.h"

namespace heed::nn {

enum class ProgressMode {
  automatic,  ///< the bar on an interactive terminal, plain lines elsewhere
  on,         ///< the bar wherever the output goes
  off         ///< nothing
};

struct ProgressConfig {
  std::string label = {};
  std::int64_t total = 0;  ///< ticks until the end; 0: unknown
  std::int64_t done = 0;   ///< ticks of earlier sessions, when a run goes on: counted, but their time is not this one's
  ProgressMode mode = ProgressMode::automatic;
  Terminal terminal = {};              ///< what `stream` writes to: inspect_terminal(2) for std::cerr
  std::function<double()> clock = {};  ///< seconds; the steady clock when empty
};

class ProgressBar {
 public:
  /// Writes to `stream`, which must outlive the bar.
  ProgressBar(std::ostream& stream, ProgressConfig config);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar();  ///< finish(), so that an error message begins on a line of its own

  /// One step more.
  void tick() {
    if (++count_ >= next_look_) look();
  }
  /// One step more with its loss; a line shows the mean of the last 100 losses, however often lines are drawn.
  void tick(double loss) {
    recent_losses_[losses_++ % recent_losses_.size()] = loss;
    tick();
  }

  /// Sets a metric that is shown on the line; metrics are shown in the order of their first call.
  void metric(std::string_view name, double value);

  /// A text for people, lines of it too: it is written above the bar, which goes on below it; nothing when mode is off.
  void note(std::string_view text);

  /// The last line, with the time taken. Ticks after it are not shown; a second call does nothing.
  void finish();

 private:
  void look();
  bool due(double now) const;
  void show(double now);
  std::string line(double now);
  std::string bar(int columns) const;

  std::ostream& stream_;
  ProgressConfig config_;
  bool redraws_;
  std::vector<std::pair<std::string, double>> metrics_;
  std::int64_t count_, next_look_;                   // ticks; the clock is looked at when they meet
  std::int64_t looked_count_, shown_count_;          // ticks at the last look, the last line
  double start_ = 0, looked_at_ = 0, shown_at_ = 0;  // seconds of the clock
  std::array<double, 100> recent_losses_{};          // a ring: loss i is at i % 100
  std::size_t losses_ = 0;                           // so far
  int drawn_width_ = 0;                              // of the line on the terminal, which the next one must cover
  int bar_columns_ = 20;
  bool finished_ = false;
};

}  // namespace heed::nn
