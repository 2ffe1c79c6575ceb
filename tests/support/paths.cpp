#include "support/paths.h"

namespace heed {

std::string source_path(const std::string& below) {
  return below.empty() ? HEED_SOURCE_DIR : HEED_SOURCE_DIR "/" + below;
}

std::string translate_program() { return HEED_TRANSLATE; }

std::string readme_program() { return HEED_README_PROGRAM; }

}  // namespace heed
