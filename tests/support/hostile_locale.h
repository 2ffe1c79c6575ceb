// While an object of this lives, the global locale writes 1234.5 as "1.23.4,5": nothing the library makes or reads may
// change.
#pragma once

#include <locale>
#include <string>

namespace heed::test {

class HostileLocale {
 public:
  HostileLocale() : before_(std::locale::global(std::locale(std::locale::classic(), new Punctuation))) {}
  HostileLocale(const HostileLocale&) = delete;
  HostileLocale& operator=(const HostileLocale&) = delete;
  ~HostileLocale() { std::locale::global(before_); }

 private:
  struct Punctuation : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\1\2"; }
    std::string do_truename() const override { return "vrai"; }
    std::string do_falsename() const override { return "faux"; }
  };

  std::locale before_;
};

}  // namespace heed::test
