// Where the tests find the sources and the programs they start.
#pragma once

#include <filesystem>
#include <string>

namespace heed {

/// The repository's root, and a file or folder below it.
std::string source_path(const std::string& below = "");

/// The program examples/translate.
std::filesystem::path example_program(const std::string& name);

/// The README's C++ block of this number (from 1), compiled.
std::filesystem::path readme_program(int number);

/// The program of docs/training.md, compiled.
std::filesystem::path training_page();

/// tests/programs/static_objects.cpp.
std::filesystem::path static_objects_program();

}  // namespace heed
