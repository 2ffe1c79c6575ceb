// Where the tests find the sources and the programs they start.
#pragma once

#include <string>

namespace heed {

/// The repository's root, and a file or folder below it.
std::string source_path(const std::string& below = "");

/// The program examples/translate.
std::string translate_program();

/// The README's program, compiled.
std::string readme_program();

}  // namespace heed
