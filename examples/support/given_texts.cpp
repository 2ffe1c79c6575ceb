#include "examples/support/given_texts.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "heed/tensor/error.h"

namespace heed::examples {

void add_texts_flag(Flags& flags, const std::string& name, bool& on, const std::string& description) {
  flags.keep_rest();
  flags.add_switch(name, on, description);
}

std::vector<std::string> given_texts(const Flags& flags, bool on) {
  std::vector<std::string> texts;
  bool literal = false;  // after "--"
  for (const std::string& argument : flags.rest()) {
    const bool flag = !literal && argument.starts_with("-") && argument.size() > 1;
    if (!on || (flag && argument != "--"))
      throw FormatError(fmt::format("unknown argument {}{}", argument.empty() ? "''" : argument,
                                    on ? ": put -- before texts that begin with a dash" : ""));
    if (flag)
      literal = true;
    else
      texts.push_back(argument);
  }
  return texts;
}

void answer_texts(const std::vector<std::string>& texts, const std::function<std::string(const std::string&)>& answer) {
  for (const std::string& text : texts) std::cout << answer(text) << std::endl;
  if (!texts.empty()) return;
  std::string line;
  for (std::int64_t number = 1; std::getline(std::cin, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    try {
      std::cout << answer(line) << std::endl;
    } catch (const FormatError& error) {
      throw FormatError(fmt::format("standard input:{}: {}", number, error.what()));
    }
  }
  if (std::ferror(stdin)) throw IoError(fmt::format("standard input: {}", std::strerror(errno)));
}

}  // namespace heed::examples
