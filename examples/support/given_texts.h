// Texts for a saved model: behind a flag of the command line, or as lines of standard input.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "examples/support/flags.h"

namespace heed::examples {

/// Adds the flag, such as "--translate", that says what the texts are for; `on` is set when it is given.
void add_texts_flag(Flags& flags, const std::string& name, bool& on, const std::string& description);

/// The texts behind the flag: what no other flag has claimed. Values of an option they are not: CLI11 would take
/// "[a, b]" apart at its comma. FormatError for an unknown flag; without `on` for any text.
std::vector<std::string> given_texts(const Flags& flags, bool on);

/// Prints answer(text), in a line, for each of the texts, or where there are none for each line of standard input.
/// FormatError that names the line where the answer is one; IoError when standard input cannot be read.
void answer_texts(const std::vector<std::string>& texts, const std::function<std::string(const std::string&)>& answer);

}  // namespace heed::examples
