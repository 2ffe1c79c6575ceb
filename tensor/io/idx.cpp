#include "heed/tensor/io/idx.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/internal/known_beginning.h"
#include "heed/tensor/io/file.h"
#include "heed/tensor/io/gzip.h"

namespace heed {
namespace {

using Bytes = std::span<const std::byte>;

// The bytes of a file as the format sees them, unpacked if they are compressed.
class Content {
 public:
  Content(Bytes bytes, std::string_view name) : rest_(bytes) {
    if (is_gzip(bytes)) gzip_.emplace(bytes, name);
  }

  bool compressed() const { return gzip_.has_value(); }

  std::size_t read(std::span<std::byte> to) {
    if (gzip_) return gzip_->read(to);
    const std::size_t size = std::min(to.size(), rest_.size());
    std::copy_n(rest_.begin(), size, to.begin());
    rest_ = rest_.subspan(size);
    return size;
  }

 private:
  Bytes rest_;
  std::optional<GzipReader> gzip_;
};

template <class Stored, class T>
void load(Bytes from, T* to) {
  for (std::size_t i = 0; i < from.size() / sizeof(Stored); ++i) {
    std::array<std::byte, sizeof(Stored)> swapped;
    std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(i * sizeof(Stored)), sizeof(Stored), swapped.begin());
    if constexpr (std::endian::native == std::endian::little) std::ranges::reverse(swapped);
    to[i] = static_cast<T>(std::bit_cast<Stored>(swapped));
  }
}

void load_unit(Bytes from, float* to) {
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = static_cast<float>(std::to_integer<int>(from[i])) / 255.0f;
}

// An element type of the format: what an element takes in the file, and what it becomes.
struct FileType {
  unsigned code;
  std::string_view name;
  std::uint64_t size;
  DType dtype;
  void (*load)(Bytes from, void* to);
};

template <class Stored, class T>
constexpr FileType file_type(unsigned code, std::string_view name, DType dtype) {
  return {code, name, sizeof(Stored), dtype, [](Bytes from, void* to) { load<Stored>(from, static_cast<T*>(to)); }};
}

constexpr std::array<FileType, 6> file_types{file_type<std::uint8_t, std::int64_t>(0x08, "u8", DType::i64),
                                             file_type<std::int8_t, std::int64_t>(0x09, "i8", DType::i64),
                                             file_type<std::int16_t, std::int64_t>(0x0B, "i16", DType::i64),
                                             file_type<std::int32_t, std::int64_t>(0x0C, "i32", DType::i64),
                                             file_type<float, float>(0x0D, "f32", DType::f32),
                                             file_type<double, double>(0x0E, "f64", DType::f64)};

struct Header {
  const FileType* type;
  Shape shape;
  std::uint64_t bytes;  // of all elements
};

[[noreturn]] void refuse(std::string_view file, std::string_view reason) {
  throw FormatError(fmt::format("{}: idx: {}", file, reason));
}

// What it is instead of an IDX file, by its first bytes; empty where they tell nothing.
std::string_view other_file(std::string_view start) {
  if (start.starts_with("\x1f\x8b")) return "it is compressed twice: unpack it once (gunzip)";
  if (start.starts_with("\xef\xbb\xbf"))
    return "it begins with a byte-order mark, so it has passed through a text editor";
  return known_beginning(start);
}

Header read_header(Content& content, std::string_view file) {
  std::array<std::byte, 64> start{};
  const std::size_t started = content.read(std::span(start).first(4));
  if (start[0] != std::byte{0}) {
    const std::size_t more = content.read(std::span(start).subspan(started));
    const std::string_view other = other_file({reinterpret_cast<const char*>(start.data()), started + more});
    if (!other.empty()) refuse(file, other);
  }
  if (started < 4) refuse(file, fmt::format("ends after {} bytes, within the magic number", started));
  const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(start[i]); };
  const auto type = std::ranges::find(file_types, byte(2), &FileType::code);
  if (byte(0) != 0 || byte(1) != 0 || type == file_types.end())
    refuse(file, fmt::format("the magic number is 0x{:02x}{:02x}{:02x}{:02x}, expected 0x0000 and the code of a type "
                             "(08, 09, 0b, 0c, 0d or 0e)",
                             byte(0), byte(1), byte(2), byte(3)));
  const unsigned rank = byte(3);
  if (rank == 0 || rank > unsigned{Dims::max_rank})
    refuse(file, fmt::format("has {} sizes, expected 1 to {}", rank, unsigned{Dims::max_rank}));

  Header header{&*type, {}, type->size};
  std::int64_t extent = 8;  // what a shape of no elements may be, too: as bytes, its zeros counted as ones
  for (unsigned axis = 0; axis < rank; ++axis) {
    const std::size_t got = content.read(std::span(start).first(4));
    if (got < 4) refuse(file, fmt::format("ends after {} bytes, within its sizes", 4 + 4 * axis + got));
    std::uint32_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size = size << 8 | byte(i);
    header.shape.push_back(size);
    header.bytes *= size;
    if (__builtin_mul_overflow(extent, std::int64_t{std::max(size, 1u)}, &extent))
      refuse(file, "the product of its sizes does not fit 64 bits");
  }
  return header;
}

// What the header claims, against the bytes that follow it and what they become, before memory is taken for it.
void check_size(const Header& header, DType dtype, bool compressed, std::uint64_t file_bytes, std::string_view file,
                const IdxLimits& limits) {
  const std::uint64_t bytes = header.bytes / header.type->size * size_of(dtype);
  if (bytes > limits.max_bytes)
    refuse(file, fmt::format("{} {} are {} bytes as {}, expected at most {}", header.shape.str(), header.type->name,
                             bytes, name(dtype), limits.max_bytes));
  const std::uint64_t header_bytes = 4 + 4 * static_cast<std::uint64_t>(header.shape.rank());
  const std::uint64_t wanted = header_bytes + header.bytes;
  if (compressed ? wanted / gzip_max_ratio > file_bytes : wanted != file_bytes)
    refuse(file, fmt::format("{} {} take {} bytes, but the file has {}{}", header.shape.str(), header.type->name,
                             wanted, file_bytes, compressed ? ", more than gzip can pack" : ""));
}

// The tensor of the elements, each of which `load` makes a number of `dtype`.
template <class Load>
Tensor read_elements(Content& content, const Header& header, DType dtype, std::string_view file, Load&& load) {
  Tensor values = empty(header.shape, dtype, "read_idx");
  std::vector<std::byte> piece(std::size_t{1} << 18);
  dispatch(dtype, [&]<class T> {
    T* to = values.mutable_data<T>();
    for (std::uint64_t done = 0; done < header.bytes;) {
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), header.bytes - done));
      const std::size_t got = content.read(std::span(piece).first(wanted));
      if (got < wanted)
        refuse(file, fmt::format("ends after {} bytes of elements, {} {} are {}", done + got, header.shape.str(),
                                 header.type->name, header.bytes));
      load(Bytes(piece).first(wanted), to);
      to += wanted / header.type->size;
      done += wanted;
    }
  });
  std::byte behind;
  if (content.read({&behind, 1}) > 0)
    refuse(file, fmt::format("there are bytes behind the {} of its elements", header.bytes));
  return values;
}

IdxFile done(Tensor values, const Content& content, const Header& header, std::string_view file,
             std::string_view what) {
  const std::string summary = fmt::format("{}: read {} of shape {} ({}{}), all kept", file, what, header.shape.str(),
                                          header.type->name, content.compressed() ? ", gzip" : "");
  return {std::move(values), summary};
}

void check_kind(const Header& header, int rank, std::string_view what, std::string_view file) {
  if (header.type->code != 0x08 || header.shape.rank() != rank)
    refuse(file, fmt::format("has elements {} and sizes {}, expected {}: u8 and {} size{}", header.type->name,
                             header.shape.str(), what, rank, rank == 1 ? "" : "s"));
}

}  // namespace

IdxFile parse_idx(Bytes bytes, std::string_view name, const IdxLimits& limits) {
  Content content(bytes, name);
  const Header header = read_header(content, name);
  check_size(header, header.type->dtype, content.compressed(), bytes.size(), name, limits);
  Tensor values = read_elements(content, header, header.type->dtype, name,
                                [&](Bytes from, auto* to) { header.type->load(from, to); });
  return done(std::move(values), content, header, name, "numbers");
}

IdxFile parse_idx_images(Bytes bytes, std::string_view name, const IdxLimits& limits) {
  Content content(bytes, name);
  const Header header = read_header(content, name);
  check_kind(header, 3, "images", name);
  check_size(header, DType::f32, content.compressed(), bytes.size(), name, limits);
  Tensor values = read_elements(content, header, DType::f32, name, [](Bytes from, auto* to) {
    if constexpr (std::is_same_v<decltype(to), float*>) load_unit(from, to);
  });
  return done(std::move(values), content, header, name, "images");
}

IdxFile parse_idx_labels(Bytes bytes, std::string_view name, std::int64_t classes, const IdxLimits& limits) {
  Content content(bytes, name);
  const Header header = read_header(content, name);
  check_kind(header, 1, "labels", name);
  check_size(header, DType::i64, content.compressed(), bytes.size(), name, limits);
  Tensor values =
      read_elements(content, header, DType::i64, name, [&](Bytes from, auto* to) { header.type->load(from, to); });
  const std::span labels(values.data<std::int64_t>(), to_size(values.numel()));
  const auto wrong = std::ranges::find_if(labels, [&](std::int64_t label) { return label >= classes; });
  if (wrong != labels.end())
    refuse(name, fmt::format("label {} at {}, expected less than {}", *wrong, wrong - labels.begin(), classes));
  return done(std::move(values), content, header, name, "labels");
}

IdxFile read_idx(const std::string& path, const IdxLimits& limits) {
  return parse_idx(read_file(path, limits.max_file_bytes), path, limits);
}

IdxFile read_idx_images(const std::string& path, const IdxLimits& limits) {
  return parse_idx_images(read_file(path, limits.max_file_bytes), path, limits);
}

IdxFile read_idx_labels(const std::string& path, std::int64_t classes, const IdxLimits& limits) {
  return parse_idx_labels(read_file(path, limits.max_file_bytes), path, classes, limits);
}

}  // namespace heed
