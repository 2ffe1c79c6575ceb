#include "heed/nn/train/progress.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "support/catch.h"

using namespace heed::nn;

namespace {

// A bar whose time the test sets.
struct Bar {
  std::ostringstream stream;
  double now = 100;
  ProgressBar bar;

  explicit Bar(ProgressConfig config) : bar(stream, with_clock(std::move(config))) {}
  std::string taken() {
    const std::string text = stream.str();
    stream.str("");
    return text;
  }

 private:
  ProgressConfig with_clock(ProgressConfig config) {
    config.clock = [this] { return now; };
    return config;
  }
};

Terminal screen(int width, bool utf8 = false) {
  return {.interactive = true, .colour = true, .utf8 = utf8, .width = width};
}

std::ptrdiff_t count(const std::string& text, char c) { return std::count(text.begin(), text.end(), c); }

}  // namespace

TEST_CASE("progress: the bar as it looks on a terminal", "[train]") {
  Bar b({.label = "epoch 3/10", .total = 10, .terminal = screen(80)});
  CHECK(b.taken() == "\repoch 3/10 [....................] 0/10");
  b.now += 1;
  b.bar.metric("acc", 93.125);
  b.bar.tick(0.25);
  CHECK(b.taken() == "\repoch 3/10 [##..................] 1/10 | loss 0.25 | acc 93.12 | eta 0:09");
  b.now += 1;
  b.bar.metric("acc", 94);
  b.bar.tick(0.125);
  CHECK(b.taken() == "\repoch 3/10 [####................] 2/10 | loss 0.1875 | acc 94 | eta 0:08 ");
  b.now += 59;
  b.bar.finish();
  CHECK(b.taken() == "\repoch 3/10 [####................] 2/10 | loss 0.1875 | acc 94 | time 1:01\n");
  b.bar.finish();
  b.now += 10;
  b.bar.tick(1);
  CHECK(b.taken().empty());
}

TEST_CASE("progress: Unicode blocks only where they come out right", "[train]") {
  Bar b({.total = 16, .terminal = screen(32, true)});
  b.taken();
  b.now += 1;
  b.bar.tick();
  CHECK(b.taken() == "\r[▊            ] 1/16 | eta 0:15");
  for (int i = 0; i < 15; ++i) {
    b.now += 1;
    b.bar.tick();
  }
  const std::string text = b.taken();
  CHECK(text.substr(text.rfind('\r')) == "\r[████████████] 16/16 | eta 0:00");
}

TEST_CASE("progress: drawn at most ten times a second, without a look at the clock for every tick", "[train]") {
  std::ostringstream stream;
  std::int64_t ticks = 0, looks = 0;
  ProgressBar bar(stream, {.total = 1000000, .terminal = screen(80), .clock = [&] {
                             ++looks;
                             return 1e-5 * static_cast<double>(ticks);
                           }});
  for (; ticks < 1000000; ++ticks) bar.tick(1);  // ten seconds
  CHECK(count(stream.str(), '\r') > 95);
  CHECK(count(stream.str(), '\r') < 102);
  CHECK(looks < 1000000 / 60);
}

TEST_CASE("progress: a slow tick is shown at once, also after fast ones", "[train]") {
  Bar b({.total = 100000, .terminal = screen(80)});
  for (int i = 0; i < 1000; ++i) {
    b.now += 1e-6;
    b.bar.tick();
  }
  b.taken();
  int drawn = 0;
  for (int i = 0; i < 200; ++i) {
    b.now += 1;
    b.bar.tick();
    drawn += count(b.taken(), '\r') == 1;
  }
  CHECK(drawn >= 200 - 64);
}

TEST_CASE("progress: plain lines in a file", "[train]") {
  Bar b({.label = "train", .total = 1000});
  for (int i = 0; i < 1000; ++i) {
    b.now += 0.9;  // 15 minutes: a line per 5 %
    b.bar.tick(i < 500 ? 2.0 : 1.0);
  }
  b.bar.finish();
  const std::string text = b.taken();
  CHECK(count(text, '\r') == 0);
  CHECK(count(text, '\x1B') == 0);
  CHECK(count(text, '\n') == 21);
  CHECK(text.starts_with("train 50/1000 | loss 2 | eta 14:15\n"));
  CHECK(text.ends_with("train 1000/1000 | loss 1 | time 15:00\n"));
}

TEST_CASE("progress: a loss is the mean of the last hundred, on a terminal and in a file", "[train]") {
  const std::int64_t steps = GENERATE(3, 100, 101, 250);
  Bar terminal({.total = 1000, .terminal = screen(200)}), file({.total = 1000});
  for (std::int64_t i = 1; i <= steps; ++i)
    for (Bar* b : {&terminal, &file}) {
      b->now += 0.3;  // drawn at every tick, printed at every fiftieth
      b->bar.tick(static_cast<double>(i));
    }
  const double first = static_cast<double>(std::max<std::int64_t>(steps - 99, 1)),
               mean = (first + static_cast<double>(steps)) / 2;
  std::ostringstream number;
  number << " | loss " << mean << " | time";
  for (Bar* b : {&terminal, &file}) {
    b->bar.finish();
    CHECK(b->taken().find(number.str()) != std::string::npos);
  }
}

TEST_CASE("progress: plain lines at most every ten seconds", "[train]") {
  Bar b({.total = 100});
  for (int i = 0; i < 100; ++i) {
    b.now += 0.5;
    b.bar.tick();
  }
  CHECK(count(b.taken(), '\n') == 5);
}

TEST_CASE("progress: the mode overrules the stream", "[train]") {
  Bar off({.total = 5, .mode = ProgressMode::off, .terminal = screen(80)});
  off.now += 60;
  off.bar.tick(1);
  off.bar.finish();
  CHECK(off.taken().empty());
  Bar on({.total = 5, .mode = ProgressMode::on});
  CHECK(on.taken().starts_with('\r'));
}

TEST_CASE("progress: unknown total", "[train]") {
  Bar b({.label = "reading", .terminal = screen(80)});
  b.now += 3700;
  b.bar.tick();
  const std::string text = b.taken();
  CHECK(text.substr(text.rfind('\r')) == "\rreading 1 | time 1:01:40");
}

TEST_CASE("progress: never wider than the terminal", "[train]") {
  const int width = GENERATE(1, 2, 10, 25, 40, 60, 120);
  CAPTURE(width);
  Bar b({.label = "我们 a\x1B[2J", .total = 1000, .terminal = screen(width, true)});
  b.taken();
  b.bar.metric("tokens/s", 41000);
  for (int i = 0; i < 1001; ++i) {  // one more than announced
    b.now += 0.2;
    b.bar.tick(std::nan(""));
    const std::string text = b.taken();
    if (text.empty()) continue;
    CHECK(display_width(text.substr(1)) < width);
    CHECK(count(text, '\x1B') == 0);
  }
}

TEST_CASE("progress: numbers", "[train]") {
  Bar b({.total = 2, .terminal = screen(200)});
  b.now += 1;
  for (const double value : {41000.0, 0.00012345, 1e12, -3.0}) b.bar.metric(std::to_string(value).substr(0, 2), value);
  b.bar.tick();
  CHECK(b.taken().find("| 41 41000 | 0. 0.0001234 | 10 1e+12 | -3 -3 |") != std::string::npos);
}

TEST_CASE("progress: a bar that became short stays short", "[train]") {
  Bar b({.total = 1000, .terminal = screen(40)});
  std::ptrdiff_t columns = 20;
  for (int i = 0; i < 1000; ++i) {
    b.taken();
    b.now += 1;
    b.bar.tick(i % 7 ? 1.0 / (i + 1) : 1.0);
    const std::string text = b.taken();
    const std::ptrdiff_t now =
        static_cast<std::ptrdiff_t>(text.find(']')) - static_cast<std::ptrdiff_t>(text.find('[')) - 1;
    CHECK(now <= columns);
    columns = now;
  }
  CHECK(columns < 20);
}

TEST_CASE("progress: a loss that is not a number is shown", "[train]") {
  Bar b({.total = 2, .terminal = screen(80)});
  b.now += 1;
  b.bar.tick(std::nan(""));
  CHECK(b.taken().find("loss nan") != std::string::npos);
}

TEST_CASE("progress: an abandoned bar ends its line", "[train]") {
  std::ostringstream stream;
  {
    ProgressBar bar(stream, {.total = 2, .terminal = screen(80)});
  }
  CHECK(stream.str().ends_with('\n'));
}

TEST_CASE("progress: a resumed run goes on from where it was", "[train]") {  // trap M7
  Bar b({.label = "epoch", .total = 100, .done = 40, .terminal = screen(80)});
  CHECK(b.taken() == "\repoch [########............] 40/100");
  b.now += 2;
  b.bar.tick();
  CHECK(b.taken() == "\repoch [########............] 41/100 | eta 1:58");
  for (int i = 41; i < 100; ++i) {
    b.now += 2;
    b.bar.tick();
  }
  const std::string text = b.taken();
  CHECK(text.substr(text.rfind('\r')) == "\repoch [####################] 100/100 | eta 0:00");
  b.bar.finish();
  CHECK(b.taken().find("100/100 | time 2:00") != std::string::npos);  // of this session
}

TEST_CASE("progress: the time left comes from this session's speed", "[train]") {  // trap M7
  for (const std::int64_t done : {38, 39}) {
    Bar b({.total = 100, .done = done, .terminal = screen(80)});
    for (std::int64_t i = done; i < 40; ++i) {
      b.now += 2;
      b.bar.tick();
    }
    const std::string text = b.taken();
    CHECK(text.substr(text.rfind('\r')) == "\r[########............] 40/100 | eta 2:00");  // 60 steps of 2 seconds
  }
  Bar lines({.total = 100, .done = 40});
  for (int i = 40; i < 100; ++i) {
    lines.now += 5;
    lines.bar.tick();
  }
  const std::string text = lines.taken();
  CHECK(text.starts_with("45/100 | eta 4:35\n"));  // 5 % of 100 behind where it began
  CHECK(text.ends_with("100/100 | eta 0:00\n"));
}

TEST_CASE("progress: a note stands above the bar, in a file between the lines, and nowhere when it is off", "[train]") {
  Bar b({.total = 2, .terminal = screen(80)});
  const std::string bar = b.taken();
  const auto width = bar.size() - 1;  // without "\r"
  b.bar.note("first\nsecond");
  CHECK(b.taken() == "\r" + std::string(width, ' ') + "\rfirst\nsecond\n" + bar);
  b.bar.finish();
  b.taken();
  b.bar.note("late");
  CHECK(b.taken().empty());
  Bar lines({.total = 2});
  lines.bar.note("first");
  CHECK(lines.taken() == "first\n");
  Bar off({.total = 2, .mode = ProgressMode::off, .terminal = screen(80)});
  off.bar.note("first");
  CHECK(off.taken().empty());
}
