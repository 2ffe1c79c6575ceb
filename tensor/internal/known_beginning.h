// What often stands in the place of a file that was to be downloaded.
#pragma once

#include <string_view>

namespace heed {

/// True for the beginning of a web page or of XML, perhaps after blanks.
bool begins_as_page(std::string_view start);

/// What a file is that begins so, and what to do about it: a web page, a Git LFS pointer, a zip archive. Empty for
/// anything else. 64 bytes are enough.
std::string_view known_beginning(std::string_view start);

}  // namespace heed
