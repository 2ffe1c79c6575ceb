#include "heed/tensor/io/gzip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <new>

#include "heed/tensor/error.h"

namespace heed {

bool is_gzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

struct GzipReader::State {
  State(std::span<const std::byte> from, std::string_view title) : bytes(from), name(title) {
    constexpr int largest_window = 15, gzip_format = 16;
    const int code = inflateInit2(&stream, largest_window + gzip_format);
    if (code == Z_MEM_ERROR) throw std::bad_alloc();
    if (code != Z_OK) throw Error(fmt::format("gzip: zlib cannot begin (code {})", code));
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { inflateEnd(&stream); }

  [[noreturn]] void refuse(std::string_view reason) const {
    throw FormatError(fmt::format("{}: gzip: {}", name, reason));
  }

  // zlib counts in 32 bits.
  static constexpr std::size_t most = std::size_t{1} << 30;

  void feed() {
    const std::size_t size = std::min(most, bytes.size());
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));  // zlib only reads there
    stream.avail_in = static_cast<uInt>(size);
    bytes = bytes.subspan(size);
  }

  // Behind a member there is another one, or nothing. Zeros are nothing: tapes and disks are padded with them.
  bool next_member() {
    if (stream.avail_in == 0) feed();
    const std::span rest(stream.next_in, stream.avail_in);
    const auto is_zero = [](auto byte) { return std::to_integer<int>(std::byte{byte}) == 0; };
    if (std::ranges::all_of(rest, is_zero) && std::ranges::all_of(bytes, is_zero)) return false;
    if (rest[0] != 0x1f) refuse("there are bytes behind its end that are no gzip");
    if (inflateReset(&stream) != Z_OK) refuse("zlib cannot begin the next member");
    return true;
  }

  // Inflates into the room that the stream has; false at the end of the last member.
  bool step() {
    if (stream.avail_in == 0) feed();
    const int code = inflate(&stream, Z_NO_FLUSH);
    if (code == Z_STREAM_END) return next_member();
    if (code == Z_MEM_ERROR) throw std::bad_alloc();
    if (code == Z_BUF_ERROR && stream.avail_in == 0 && bytes.empty()) refuse("the file ends before its content does");
    if (code != Z_OK && code != Z_BUF_ERROR)
      refuse(fmt::format("damaged: {}", stream.msg ? stream.msg : "a preset dictionary, which gzip does not have"));
    return true;
  }

  std::span<const std::byte> bytes;  // that zlib has not been given yet
  std::string name;
  z_stream stream{};
  bool ended = false;
};

GzipReader::GzipReader(std::span<const std::byte> bytes, std::string_view name)
    : state_(std::make_unique<State>(bytes, name)) {}
GzipReader::GzipReader(GzipReader&&) noexcept = default;
GzipReader& GzipReader::operator=(GzipReader&&) noexcept = default;
GzipReader::~GzipReader() = default;

std::size_t GzipReader::read(std::span<std::byte> to) {
  std::size_t filled = 0;
  while (filled < to.size() && !state_->ended) {
    const std::size_t room = std::min(State::most, to.size() - filled);
    state_->stream.next_out = reinterpret_cast<Bytef*>(to.data() + filled);
    state_->stream.avail_out = static_cast<uInt>(room);
    state_->ended = !state_->step();
    filled += room - state_->stream.avail_out;
  }
  return filled;
}

std::vector<std::byte> gunzip(std::span<const std::byte> bytes, std::string_view name, std::uint64_t max_bytes) {
  GzipReader reader(bytes, name);
  std::vector<std::byte> content;
  constexpr std::size_t piece = std::size_t{1} << 18;
  for (std::size_t size = 0;; size = content.size()) {
    content.resize(size + piece);
    content.resize(size + reader.read(std::span(content).subspan(size)));
    if (content.size() > max_bytes)
      throw FormatError(fmt::format("{}: gzip: unpacks to more than {} bytes", name, max_bytes));
    if (content.size() < size + piece) return content;
  }
}

}  // namespace heed
