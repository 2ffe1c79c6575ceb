#include "examples/support/flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iostream>

#include "heed/tensor/error.h"

namespace heed::examples {

struct Flags::Parser : CLI::App {
  using CLI::App::App;
};

Flags::Flags(std::string program, const std::string& description)
    : program_(std::move(program)), parser_(std::make_unique<Parser>(description, program_)) {}

Flags::~Flags() = default;

void Flags::add_switch(const std::string& name, bool& on, const std::string& description) {
  parser_->add_flag(name, on, description)->disable_flag_override();
}

void Flags::add_text(const std::string& name, std::string& value, const std::string& type,
                     const std::string& description) {
  parser_->add_option(name, value, description)->type_name(type)->default_str(value);
}

void Flags::add_text_or(const std::string& alone, const std::string& name, std::string& value, const std::string& type,
                        const std::string& description) {
  parser_->add_option(name, value, description)->expected(0, 1)->default_str(alone)->type_name(type);
}

void Flags::add_choice(const std::string& name, std::string& value, const std::vector<std::string>& choices,
                       const std::string& description) {
  const std::string expected = fmt::format("one of: {}", fmt::join(choices, ", "));
  parser_
      ->add_option_function<std::string>(
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

// CLI11's own checks of numbers print bounds as "%f" and let 2^64 pass as 2^64 - 1.
template <class Number, class Store>
void Flags::add_number_option(const std::string& name, const Store& store, Number low, Number high,
                              const std::string& shown, const std::string& description) {
  const std::string expected =
      fmt::format("{} from {} to {}", std::is_integral_v<Number> ? "whole number" : "number", low, high);
  parser_
      ->add_option_function<std::string>(
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
      ->type_name(expected)
      ->default_str(shown);
}

template <class Number>
void Flags::add_number(const std::string& name, Number& value, std::type_identity_t<Number> low,
                       std::type_identity_t<Number> high, const std::string& description) {
  const bool could_be_given = low <= value && value <= high;
  add_number_option(
      name, [&value](Number number) { value = number; }, low, high, could_be_given ? fmt::to_string(value) : "",
      description);
}

template <class Number>
void Flags::add_number(const std::string& name, std::optional<Number>& value, std::type_identity_t<Number> low,
                       std::type_identity_t<Number> high, const std::string& description) {
  add_number_option(
      name, [&value](Number number) { value = number; }, low, high, value ? fmt::to_string(*value) : "", description);
}

template void Flags::add_number(const std::string&, int&, int, int, const std::string&);
template void Flags::add_number(const std::string&, std::int64_t&, std::int64_t, std::int64_t, const std::string&);
template void Flags::add_number(const std::string&, std::uint64_t&, std::uint64_t, std::uint64_t, const std::string&);
template void Flags::add_number(const std::string&, double&, double, double, const std::string&);
template void Flags::add_number(const std::string&, std::optional<std::int64_t>&, std::int64_t, std::int64_t,
                                const std::string&);

void Flags::add_texts(const std::string& name, std::vector<std::string>& values, const std::string& type,
                      const std::string& description) {
  parser_->add_option(name, values, description)->type_name(type);
}

void Flags::keep_rest() { parser_->allow_extras(); }

bool Flags::parse(int argc, char** argv) {
  try {
    parser_->parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << parser_->help();
    return false;
  } catch (const CLI::ParseError& error) {
    throw FormatError(error.what());
  }
  return true;
}

bool Flags::given(const std::string& name) const {
  const CLI::Option* const option = std::as_const(*parser_).get_option_no_throw(name);
  return option != nullptr && option->count() > 0;
}

std::vector<std::string> Flags::rest() const { return parser_->remaining(); }

void Flags::check_named(const std::vector<std::string>& names) const {
  for (const std::string& name : names)
    if (given(name) && parser_->get_option(name)->as<std::string>().empty())
      throw FormatError(fmt::format("{}: no name", name));
}

void Flags::allow_only_beside(const std::string& mode, const std::vector<std::string>& allowed) const {
  if (!given(mode)) return;
  for (const CLI::Option* option : std::as_const(*parser_).get_options()) {
    if (option->count() == 0 || option->get_lnames().empty()) continue;
    const std::string name = "--" + option->get_lnames().front();
    if (name != mode && std::find(allowed.begin(), allowed.end(), name) == allowed.end())
      throw FormatError(fmt::format("{} has no use beside {}", name, mode));
  }
}

}  // namespace heed::examples
