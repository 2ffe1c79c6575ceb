// Kinds of command-line flags that the programs share.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include "heed/tensor/error.h"

namespace heed::examples {

/// An option that is a number of [low, high], FormatError otherwise. CLI11's own checks print bounds as "%f" and let
/// 2^64 pass as 2^64 - 1.
template <class Number>
CLI::Option* add_number(CLI::App& app, const std::string& name, std::function<void(Number)> store, Number low,
                        Number high, const std::string& description) {
  const std::string expected =
      fmt::format("{} from {} to {}", std::is_integral_v<Number> ? "whole number" : "number", low, high);
  return app
      .add_option_function<std::string>(
          name,
          [=](const std::string& text) {
            Number number{};
            const char* const end = text.data() + text.size();
            const auto [rest, error] = std::from_chars(text.data(), end, number);
            if (error != std::errc() || rest != end || !(number >= low && number <= high))  // also NaN
              throw FormatError(fmt::format("{} {}: expected a {}", name, text.empty() ? "''" : text, expected));
            store(number);
          },
          description)
      ->type_name(expected);
}

template <class Number>
CLI::Option* add_number(CLI::App& app, const std::string& name, Number& value, Number low, Number high,
                        const std::string& description) {
  return add_number<Number>(app, name, [&value](Number number) { value = number; }, low, high, description);
}

/// An option that is one of `choices`, FormatError otherwise.
inline CLI::Option* add_choice(CLI::App& app, const std::string& name, std::string& value,
                               const std::vector<std::string>& choices, const std::string& description) {
  const std::string expected = fmt::format("one of: {}", fmt::join(choices, ", "));
  return app
      .add_option_function<std::string>(
          name,
          [=, &value](const std::string& text) {
            if (std::find(choices.begin(), choices.end(), text) == choices.end())
              throw FormatError(fmt::format("{} {}: expected {}", name, text.empty() ? "''" : text, expected));
            value = text;
          },
          description)
      ->type_name(expected)
      ->default_str(value);
}

/// FormatError when a flag was given beside the flag `mode` that is none of `allowed` and would be passed over in
/// silence.
inline void allow_only_beside(const CLI::App& app, const std::string& mode, const std::vector<std::string>& allowed) {
  if (app.count(mode) == 0) return;
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0 || option->get_lnames().empty()) continue;
    const std::string name = "--" + option->get_lnames().front();
    if (name != mode && std::find(allowed.begin(), allowed.end(), name) == allowed.end())
      throw FormatError(fmt::format("{} has no use beside {}", name, mode));
  }
}

}  // namespace heed::examples
