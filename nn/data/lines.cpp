#include "heed/nn/data/lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "heed/nn/data/utf8.h"
#include "heed/tensor/error.h"
#include "heed/tensor/internal/known_beginning.h"

namespace heed::nn {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

class Reader {
 public:
  Reader(const std::string& path, const LineLimits& limits)
      : name_(path), limits_(limits), file_(std::fopen(path.c_str(), "rb")) {
    if (!file_) throw IoError(fmt::format("{}: cannot open: {}", name_, std::strerror(errno)));
    chunk_.resize(std::size_t{1} << 16);
    refill();
    begin();
  }

  /// Of bytes in memory, which must outlive it.
  Reader(std::string_view bytes, const std::string& name, const LineLimits& limits)
      : name_(name), limits_(limits), rest_(bytes) {
    check_size(bytes.size());
    begin();
  }

  /// The next line, in `line`; false at the end of the file.
  bool next(std::string& line) {
    line.clear();
    ++number_;
    while (!rest_.empty() || refill()) {
      const std::size_t length = rest_.find('\n');
      const bool ended = length != std::string_view::npos;
      const std::string_view piece = rest_.substr(0, length);
      if (static_cast<std::int64_t>(piece.size()) > limits_.max_line_bytes - static_cast<std::int64_t>(line.size())) {
        if (!ended) check_no_lone_returns(line);
        if (!ended) check_no_lone_returns(piece);
        refuse(fmt::format("the line is longer than {} bytes", limits_.max_line_bytes));
      }
      line.append(piece);
      rest_.remove_prefix(ended ? length + 1 : rest_.size());
      if (!ended) continue;
      if (line.ends_with('\r')) line.pop_back();
      check(line);
      return true;
    }
    if (line.ends_with('\r')) line.pop_back();
    check_no_lone_returns(line);
    check(line);
    return !line.empty();
  }

  std::int64_t number() const { return number_; }

 private:
  bool refill() {
    if (!file_) return false;
    const std::size_t size = std::fread(chunk_.data(), 1, chunk_.size(), file_.get());
    if (std::ferror(file_.get())) throw IoError(fmt::format("{}: cannot read: {}", name_, std::strerror(errno)));
    check_size(size);
    rest_ = std::string_view(chunk_).substr(0, size);
    return size > 0;
  }

  void check_size(std::size_t more) {
    bytes_ += static_cast<std::int64_t>(more);
    if (bytes_ > limits_.max_file_bytes)
      throw FormatError(fmt::format("{}: the file is larger than {} bytes", name_, limits_.max_file_bytes));
  }

  void begin() {
    if (rest_.starts_with("\x1F\x8B"))
      throw FormatError(fmt::format("{}: is a gzip file: decompress it first (gunzip)", name_));
    if (rest_.starts_with("\xFF\xFE") || rest_.starts_with("\xFE\xFF"))
      throw FormatError(fmt::format("{}: is UTF-16: convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8)", name_));
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
    const std::string_view known = known_beginning(rest_);
    if (!known.empty() && !(limits_.take_pages && begins_as_page(rest_)))
      throw FormatError(fmt::format("{}: {}", name_, known));
  }

  /// For a first line that no LF has ended: as one line the file would be misread without a word.
  void check_no_lone_returns(std::string_view line) const {
    if (number_ == 1 && line.find('\r') != std::string_view::npos)
      throw FormatError(fmt::format(
          "{}: its lines end in CR alone, as on old Macintoshes: convert them to LF first (tr '\\r' '\\n')", name_));
  }

  void check(std::string_view line) const {
    if (const std::size_t at = line.find('\0'); at != std::string_view::npos)
      refuse(fmt::format("NUL byte at byte {} of the line: not a text file", at + 1));
    if (const std::size_t at = first_invalid_utf8(line); at != std::string_view::npos)
      refuse(fmt::format("not UTF-8: byte {} of the line is {:#04x}", at + 1, static_cast<unsigned char>(line[at])));
  }

  [[noreturn]] void refuse(const std::string& reason) const {
    throw FormatError(fmt::format("{}:{}: {}", name_, number_, reason));
  }

  std::string name_;
  LineLimits limits_;
  std::unique_ptr<std::FILE, Close> file_;
  std::string chunk_;
  std::string_view rest_;    // what of the chunk, or of the bytes in memory, is still unread
  std::int64_t bytes_ = 0;   // read so far
  std::int64_t number_ = 0;  // of the current line
};

using Take = std::function<bool(std::int64_t, std::string_view)>;

void take_lines(Reader reader, const Take& take) {
  std::string line;
  while (reader.next(line))
    if (!take(reader.number(), line)) return;
}

}  // namespace

void read_lines(const std::string& path, const LineLimits& limits, const Take& take) {
  take_lines(Reader(path, limits), take);
}

void parse_lines(std::string_view bytes, const std::string& name, const LineLimits& limits, const Take& take) {
  take_lines(Reader(bytes, name, limits), take);
}

}  // namespace heed::nn
