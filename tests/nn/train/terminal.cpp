#include "heed/nn/train/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "support/catch.h"

using namespace heed::nn;

namespace {

// The environment inspect_terminal() looks at, empty but for what a test sets, until the end of the test.
class Environment {
 public:
  Environment() {
    for (std::size_t i = 0; i < std::size(names); ++i) {
      if (const char* value = std::getenv(names[i])) before_[i] = value;
      ::unsetenv(names[i]);
    }
  }
  ~Environment() {
    for (std::size_t i = 0; i < std::size(names); ++i)
      before_[i] ? ::setenv(names[i], before_[i]->c_str(), 1) : ::unsetenv(names[i]);
  }
  void set(const char* name, const char* value) const { ::setenv(name, value, 1); }

 private:
  static constexpr const char* names[] = {"TERM", "CI", "NO_COLOR", "CLICOLOR_FORCE", "LC_ALL", "LC_CTYPE", "LANG"};
  std::optional<std::string> before_[std::size(names)];
};

struct PseudoTerminal {
  int master = ::posix_openpt(O_RDWR | O_NOCTTY), slave = -1;
  explicit PseudoTerminal(unsigned short columns) {
    if (::grantpt(master) == 0 && ::unlockpt(master) == 0) slave = ::open(::ptsname(master), O_RDWR | O_NOCTTY);
    winsize size{};
    size.ws_row = 24;
    size.ws_col = columns;
    ::ioctl(slave, TIOCSWINSZ, &size);
  }
  ~PseudoTerminal() {
    ::close(slave);
    ::close(master);
  }
};

}  // namespace

TEST_CASE("terminal: a pipe", "[train]") {
  const Environment environment;
  environment.set("LANG", "de_DE.UTF-8");
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  Terminal terminal = inspect_terminal(ends[1]);
  CHECK(!terminal.interactive);
  CHECK(!terminal.colour);
  CHECK(terminal.utf8);
  CHECK(terminal.width == 80);
  environment.set("CLICOLOR_FORCE", "1");
  CHECK(inspect_terminal(ends[1]).colour);
  environment.set("CLICOLOR_FORCE", "0");
  CHECK(!inspect_terminal(ends[1]).colour);
  ::close(ends[0]);
  ::close(ends[1]);
  CHECK(!inspect_terminal(-1).interactive);
}

TEST_CASE("terminal: a terminal, and what switches its abilities off", "[train]") {
  const Environment environment;
  environment.set("TERM", "xterm-256color");
  const PseudoTerminal pseudo(123);
  REQUIRE(pseudo.slave >= 0);
  CHECK(inspect_terminal(pseudo.slave).interactive);
  CHECK(inspect_terminal(pseudo.slave).colour);
  CHECK(inspect_terminal(pseudo.slave).width == 123);

  environment.set("NO_COLOR", "1");
  environment.set("CLICOLOR_FORCE", "1");
  CHECK(inspect_terminal(pseudo.slave).interactive);
  CHECK(!inspect_terminal(pseudo.slave).colour);
  environment.set("NO_COLOR", "");
  environment.set("CLICOLOR_FORCE", "");
  environment.set("TERM", "dumb");
  CHECK(!inspect_terminal(pseudo.slave).interactive);
  CHECK(!inspect_terminal(pseudo.slave).colour);
  environment.set("TERM", "xterm");
  environment.set("CI", "true");
  CHECK(!inspect_terminal(pseudo.slave).interactive);
  CHECK(inspect_terminal(PseudoTerminal(0).slave).width == 80);
}

TEST_CASE("terminal: the first variable that is set names the locale", "[train]") {
  const Environment environment;
  CHECK(!inspect_terminal(1).utf8);
  environment.set("LANG", "C.utf8");
  CHECK(inspect_terminal(1).utf8);
  environment.set("LC_CTYPE", "C");
  CHECK(!inspect_terminal(1).utf8);
  environment.set("LC_ALL", "en_GB.UTF-8");
  CHECK(inspect_terminal(1).utf8);
}

TEST_CASE("terminal: the columns text takes", "[train]") {
  CHECK(display_width("") == 0);
  CHECK(display_width("l'été") == 5);
  CHECK(display_width("e\u0301te\u0301") == 3);
  CHECK(display_width("我吃了 x") == 8);
  CHECK(display_width("😀") == 2);
  CHECK(display_width("\x1B[2J") == 4);
  CHECK(display_width("👨‍👩‍👧👍🏽🇫🇷❤️") == 8);
  CHECK(display_width("हिन्दी") <= 6);
  CHECK(display_width("ශ්‍රී") <= 3);
  CHECK(display_width("ภาษาไทยที่") == 8);
  CHECK(display_width("한글 ｱｲ Ａ") == 10);
  CHECK(display_width("שָׁלוֹם") == 4);
}

TEST_CASE("terminal: shortened text fits, whole characters only", "[train]") {
  CHECK(shortened("constitution", 12) == "constitution");
  CHECK(shortened("constitution", 6) == "const…");
  CHECK(shortened("constitution", 6, false) == "const~");
  CHECK(shortened("我吃了苹果", 6) == "我吃…");
  CHECK(shortened("我吃了苹果", 1) == "…");
  CHECK(shortened("abc", 0).empty());
  CHECK(shortened("👨‍👩‍👧👍🏽🇫🇷x", 5) == "👨‍👩‍👧👍🏽…");
  CHECK(shortened("ශ්‍රී ලංකා", 3).ends_with("…"));
  for (int columns = 0; columns < 12; ++columns) CHECK(display_width(shortened("我a吃e\u0301了b", columns)) <= columns);
}

TEST_CASE("terminal: printable text cannot move the cursor", "[train]") {
  CHECK(printable("a\x1B[2J\r\nb\x7F\xC2\x9B") == "a\uFFFD[2J\uFFFD\uFFFDb\uFFFD\uFFFD");
  CHECK(printable("caf\xE9!") == "caf\uFFFD!");
  CHECK(printable("né 我") == "né 我");
}
