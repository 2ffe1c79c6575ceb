#include "heed/nn/train/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <ostream>

namespace heed::nn {
namespace {

constexpr double seconds_between_drawings = 0.1;
constexpr double seconds_between_lines = 10, part_between_lines = 0.05;
constexpr double seconds_between_looks = 0.01;  // at the pace of the ticks since the last look …
constexpr double ticks_between_looks = 64;      // … but never more ticks, for the pace may change

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::clamp(std::round(seconds), 0.0, 1e9));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string number(double value) {  // four digits, and no exponent where whole numbers are short enough
  const bool whole = std::abs(value) >= 1000 && std::abs(value) < 1e9;
  return whole ? fmt::format("{:.0f}", value) : fmt::format("{:.4g}", value);
}

}  // namespace

ProgressBar::ProgressBar(std::ostream& stream, ProgressConfig config)
    : stream_(stream),
      config_(std::move(config)),
      redraws_(config_.mode == ProgressMode::on ||
               (config_.mode == ProgressMode::automatic && config_.terminal.interactive)),
      count_(config_.done),
      next_look_(count_ + 1),
      looked_count_(count_),
      shown_count_(count_) {
  if (!config_.clock) config_.clock = steady_seconds;
  start_ = looked_at_ = shown_at_ = config_.clock();
  if (config_.mode == ProgressMode::off)
    next_look_ = std::numeric_limits<std::int64_t>::max();
  else if (redraws_)
    show(start_);
}

ProgressBar::~ProgressBar() {
  try {
    finish();
  } catch (...) {  // a destructor must not throw, and a missing last line harms nobody
  }
}

void ProgressBar::metric(std::string_view name, double value) {
  const auto found = std::find_if(metrics_.begin(), metrics_.end(), [&](const auto& f) { return f.first == name; });
  if (found == metrics_.end())
    metrics_.emplace_back(name, value);
  else
    found->second = value;
}

void ProgressBar::note(std::string_view text) {
  if (finished_ || config_.mode == ProgressMode::off) return;
  // The bar's line is overwritten with blanks first: it may be longer than the text.
  if (redraws_) stream_ << '\r' << std::string(static_cast<std::size_t>(drawn_width_), ' ') << '\r';
  stream_ << text << '\n';
  if (redraws_)
    show(config_.clock());
  else
    stream_ << std::flush;
}

void ProgressBar::finish() {
  if (std::exchange(finished_, true) || config_.mode == ProgressMode::off) return;
  show(config_.clock());
}

void ProgressBar::look() {
  const double now = config_.clock(), pace = static_cast<double>(count_ - looked_count_) / (now - looked_at_);
  // The pace is infinite, or not a number, when the clock has not moved.
  const double ticks =
      pace * seconds_between_looks < ticks_between_looks ? pace * seconds_between_looks : ticks_between_looks;
  next_look_ = count_ + static_cast<std::int64_t>(std::max(ticks, 1.0));
  looked_at_ = now;
  looked_count_ = count_;
  if (!finished_ && due(now)) show(now);
}

bool ProgressBar::due(double now) const {
  if (redraws_) return now - shown_at_ >= seconds_between_drawings;
  const double part = part_between_lines * static_cast<double>(config_.total);
  return now - shown_at_ >= seconds_between_lines && static_cast<double>(count_ - shown_count_) >= part;
}

void ProgressBar::show(double now) {
  shown_at_ = now;
  shown_count_ = count_;

  std::string text = line(now);
  if (redraws_) {
    const int width = display_width(text);
    text = "\r" + text + std::string(static_cast<std::size_t>(std::max(drawn_width_ - width, 0)), ' ');
    drawn_width_ = width;
  }
  if (finished_ || !redraws_) text += '\n';
  stream_ << text << std::flush;
}

std::string ProgressBar::line(double now) {
  std::string text = config_.total > 0 ? fmt::format("{}/{}", count_, config_.total) : fmt::format("{}", count_);
  if (const std::size_t number_of = std::min(losses_, recent_losses_.size()); number_of > 0) {
    const double sum = std::accumulate(recent_losses_.begin(), recent_losses_.begin() + number_of, 0.0);
    text += fmt::format(" | loss {}", number(sum / static_cast<double>(number_of)));
  }
  for (const auto& [name, value] : metrics_) text += fmt::format(" | {} {}", name, number(value));
  if (finished_ || config_.total == 0)
    text += fmt::format(" | time {}", duration(now - start_));
  else if (const std::int64_t ticks = count_ - config_.done; ticks > 0)
    text += fmt::format(" | eta {}", duration((now - start_) / static_cast<double>(ticks) *
                                              static_cast<double>(std::max(config_.total - count_, std::int64_t{0}))));

  const std::string label = config_.label.empty() ? "" : printable(config_.label) + " ";
  if (!redraws_) return label + text;
  const int max_columns =
      config_.terminal.width - 1;  // writing in the last column would begin a new line on some terminals
  // A bar that became shorter for longer numbers stays so: it would jump to and fro with every digit.
  bar_columns_ = std::min(bar_columns_, max_columns - display_width(label) - display_width(text) - 3);
  if (config_.total > 0 && bar_columns_ >= 5) text = "[" + bar(bar_columns_) + "] " + text;
  return shortened(label + text, max_columns, config_.terminal.utf8);
}

std::string ProgressBar::bar(int columns) const {
  const double part = std::clamp(static_cast<double>(count_) / static_cast<double>(config_.total), 0.0, 1.0);
  const auto eighths = static_cast<std::size_t>(part * columns * 8);
  const std::size_t full = eighths / 8, rest = eighths % 8;
  if (!config_.terminal.utf8)
    return std::string(full, '#') + std::string(static_cast<std::size_t>(columns) - full, '.');
  constexpr std::array<const char*, 8> blocks{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  std::string text;
  for (std::size_t i = 0; i < full; ++i) text += "█";
  text += blocks[rest];
  return text + std::string(static_cast<std::size_t>(columns) - full - (rest > 0), ' ');
}

}  // namespace heed::nn
