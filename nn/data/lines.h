// Reading a text file line by line, when nobody knows what is in it: every way it can be wrong ends in an error that
// names the file and the line, and memory stays bounded whatever the file holds.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace heed::nn {

struct LineLimits {
  std::int64_t max_line_bytes = std::int64_t{1} << 20;
  std::int64_t max_file_bytes = std::int64_t{1} << 31;
  bool take_pages = false;  ///< a web page or XML is what is to be read, not a server's answer in place of it
};

/// take(1, line) for the first line and so on, until the end or until take returns false. Lines end in LF or CRLF,
/// which are not part of them, the last one perhaps in nothing; whatever else Unicode or an editor takes for the end of
/// a line (CR alone, U+0085, U+2028, form feed) stays inside one. A byte-order mark at the start is skipped, another
/// one kept. `path` may be a pipe. IoError when the file cannot be opened or read. FormatError ("FILE:LINE: …") for
/// bytes that are not UTF-8, a NUL byte, a line or a file above its limit, for gzip, zip or UTF-16 files and files with
/// CR but without any LF, which must be converted first, and for what a server gives in place of a file: a web page, a
/// Git LFS pointer.
void read_lines(const std::string& path, const LineLimits& limits,
                const std::function<bool(std::int64_t number, std::string_view line)>& take);

/// The same for the bytes of a file; messages call it `name`.
void parse_lines(std::string_view bytes, const std::string& name, const LineLimits& limits,
                 const std::function<bool(std::int64_t number, std::string_view line)>& take);

}  // namespace heed::nn
