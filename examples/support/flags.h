// The command line of a program: which flags it has, and then which of them were given.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace heed::examples {

/// Flags are added with the variable that each of them sets, which must outlive parse(), and whose value then is the
/// default: --help shows it where it is one that could be given. What is given wrongly is a FormatError.
class Flags {
 public:
  Flags(std::string program, const std::string& description);
  ~Flags();

  const std::string& program() const { return program_; }  ///< its name

  void add_switch(const std::string& name, bool& on, const std::string& description);

  /// `type` is what the text is, for --help: "FILE", "DIR", "NAME".
  void add_text(const std::string& name, std::string& value, const std::string& type, const std::string& description);
  /// The same for a flag that may stand alone, which means `alone`.
  void add_text_or(const std::string& alone, const std::string& name, std::string& value, const std::string& type,
                   const std::string& description);
  void add_choice(const std::string& name, std::string& value, const std::vector<std::string>& choices,
                  const std::string& description);

  /// A number of [low, high]. For int, std::int64_t, std::uint64_t and double.
  template <class Number>
  void add_number(const std::string& name, Number& value, std::type_identity_t<Number> low,
                  std::type_identity_t<Number> high, const std::string& description);
  /// For std::int64_t.
  template <class Number>
  void add_number(const std::string& name, std::optional<Number>& value, std::type_identity_t<Number> low,
                  std::type_identity_t<Number> high, const std::string& description);

  /// Texts, as many as are given; a name without dashes: those without a flag, which are an error otherwise.
  void add_texts(const std::string& name, std::vector<std::string>& values, const std::string& type,
                 const std::string& description);
  /// Keeps what no flag has claimed for rest(), as it was written: of add_texts "[a, b]" would be two.
  void keep_rest();

  /// Reads the command line; false after --help, which is printed.
  bool parse(int argc, char** argv);

  bool given(const std::string& name) const;  ///< false too for a flag that the program does not have
  std::vector<std::string> rest() const;

  /// FormatError when a flag of a text was given an empty one.
  void check_named(const std::vector<std::string>& names) const;
  /// FormatError when a flag was given beside the flag `mode` that is none of `allowed` and would be passed over in
  /// silence.
  void allow_only_beside(const std::string& mode, const std::vector<std::string>& allowed) const;

 private:
  struct Parser;  // of CLI11, whose headers take more time to compile than a program

  template <class Number, class Store>
  void add_number_option(const std::string& name, const Store& store, Number low, Number high, const std::string& shown,
                         const std::string& description);

  std::string program_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace heed::examples
