// Which operations a header declares, read from its text.
#pragma once

#include <string>
#include <vector>

namespace heed::test {

/// Names of the functions this header text declares, or defines inline, that take a Variable and return something made
/// of Variables: outside classes, no templates, no operators; each name once, in order of appearance.
std::vector<std::string> declared_operations(const std::string& text);

/// Those of all headers in this folder of the repository, and below.
std::vector<std::string> operations_of_the_library(const std::string& folder);

}  // namespace heed::test
