#include "support/paths.h"

namespace heed {

std::string source_path(const std::string& below) {
  return below.empty() ? HEED_SOURCE_DIR : HEED_SOURCE_DIR "/" + below;
}

std::filesystem::path example_program(const std::string& name) { return std::filesystem::path(HEED_EXAMPLES) / name; }

std::filesystem::path readme_program(int number) { return HEED_README_PROGRAMS + std::to_string(number); }

std::filesystem::path training_page() { return HEED_TRAINING_PAGE; }

std::filesystem::path static_objects_program() { return HEED_STATIC_OBJECTS_PROGRAM; }

}  // namespace heed
