#include "heed/tensor/io/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <utility>

#include "heed/tensor/create.h"
#include "heed/tensor/internal/half.h"
#include "heed/tensor/io/crc32c.h"
#include "heed/tensor/io/file.h"
#include "heed/tensor/io/safetensors_checksum.h"
#include "heed/tensor/io/safetensors_header.h"

namespace heed {
namespace {

static_assert(std::endian::native == std::endian::little, "the format's numbers are little-endian");

using Bytes = std::span<const std::byte>;
using Entry = SafetensorsHeader::Entry;

constexpr std::size_t piece_bytes = std::size_t{1} << 18;  // what is read at a time, and stays in the cache

template <class Stored, auto convert_one>
void load_converted(Bytes from, std::byte* to) {
  for (std::size_t i = 0; i < from.size() / sizeof(Stored); ++i) {
    Stored stored;
    std::memcpy(&stored, from.data() + i * sizeof(Stored), sizeof(Stored));
    const auto number = convert_one(stored);
    std::memcpy(to + i * sizeof number, &number, sizeof number);
  }
}

template <class Integer>
std::int64_t widened(Integer x) {
  return x;
}

// An element type of the format: what an element takes in the file, and what it becomes.
struct FileType {
  std::string_view name;
  std::uint64_t size;
  DType dtype;
  void (*convert)(Bytes from, std::byte* to) = nullptr;  // none: the bytes of the file are those in memory
};

constexpr std::size_t written_types = 4;  // the first ones, in the order they are written
constexpr std::array<FileType, 10> file_types = {{
    {"I64", 8, DType::i64},
    {"F64", 8, DType::f64},
    {"F32", 4, DType::f32},
    {"BOOL", 1, DType::boolean},
    {"F16", 2, DType::f32, load_converted<std::uint16_t, from_f16>},
    {"BF16", 2, DType::f32, load_converted<std::uint16_t, from_bf16>},
    {"I32", 4, DType::i64, load_converted<std::int32_t, widened<std::int32_t>>},
    {"I16", 2, DType::i64, load_converted<std::int16_t, widened<std::int16_t>>},
    {"I8", 1, DType::i64, load_converted<std::int8_t, widened<std::int8_t>>},
    {"U8", 1, DType::i64, load_converted<std::uint8_t, widened<std::uint8_t>>},
}};

// A tensor of the file after every claim about it has been checked.
struct Plan {
  const std::string* name;
  const FileType* type;
  Shape shape;
  std::uint64_t bytes = 0;
};

[[noreturn]] void refuse(std::string_view file, std::string_view name, std::string_view reason) {
  throw FormatError(fmt::format("{}: tensor {}: {}", file, message_quote(name), reason));
}

// Everything but the offsets' place among the others. `data` bytes follow the header.
Plan checked(const std::string& name, const Entry& entry, std::uint64_t data, std::string_view file) {
  const auto type = std::find_if(file_types.begin(), file_types.end(),
                                 [&](const FileType& known) { return known.name == entry.type; });
  if (type == file_types.end())
    refuse(file, name, fmt::format("dtype {} is not one heed reads", message_quote(entry.type)));
  Plan plan{&name, type, {}};

  // In the widest element, and with zeros left out as in Shape::numel(), so that what passes can be made a Tensor.
  std::int64_t widest = 8;
  bool is_empty = false;
  for (const std::uint64_t size : entry.shape) {
    if (size == 0)
      is_empty = true;
    else if (__builtin_mul_overflow(widest, size, &widest))
      refuse(file, name, fmt::format("the sizes up to axis {}, of size {}, exceed 63 bits", plan.shape.rank(), size));
    plan.shape.push_back(static_cast<std::int64_t>(size));
  }
  const std::uint64_t bytes = is_empty ? 0 : static_cast<std::uint64_t>(widest) / 8 * type->size;

  const auto [begin, end] = std::pair(entry.begin, entry.end);
  if (end < begin || end - begin != bytes)
    refuse(
        file, name,
        fmt::format("data_offsets [{}, {}], but {} {} has {} bytes", begin, end, type->name, plan.shape.str(), bytes));
  if (end > data)
    refuse(file, name, fmt::format("data_offsets [{}, {}], but {} bytes follow the header", begin, end, data));
  plan.bytes = bytes;
  return plan;
}

// In the order of their bytes, which must follow each other without hole or overlap from the first to the last.
std::vector<Plan> checked(const SafetensorsHeader& header, std::uint64_t data, std::string_view file) {
  std::vector<std::map<std::string, Entry>::const_pointer> items;
  for (const auto& item : header.entries) items.push_back(&item);
  std::sort(items.begin(), items.end(), [](auto a, auto b) {
    return std::pair(a->second.begin, a->second.end) < std::pair(b->second.begin, b->second.end);
  });
  std::vector<Plan> plans;
  std::uint64_t position = 0;
  for (const auto* item : items) {
    const auto& [name, entry] = *item;
    if (entry.begin != position)
      refuse(file, name,
             fmt::format("data_offsets [{}, {}], but the tensor before ends at byte {}", entry.begin, entry.end,
                         position));
    plans.push_back(checked(name, entry, data, file));
    position = entry.end;
  }
  if (position != data)
    throw FormatError(
        fmt::format("{}: the tensors end at byte {}, but {} bytes follow the header", file, position, data));
  return plans;
}

// A file that is already in memory; InputFile is the other kind of source.
struct Memory {
  Bytes rest;
  std::uint64_t size() const { return rest.size(); }
  void read(std::span<std::byte> to) {
    std::copy_n(rest.begin(), to.size(), to.begin());
    rest = rest.subspan(to.size());
  }
};

// The next tensor of the source, and the checksum of its bytes if that is asked for.
template <class Source>
Tensor load(Source& source, const Plan& plan, std::uint32_t* checksum, std::string_view file) {
  Tensor tensor = empty(plan.shape, plan.type->dtype, file);
  std::byte* to =
      dispatch(tensor.dtype(), [&]<class T> { return reinterpret_cast<std::byte*>(tensor.mutable_data<T>()); });
  const auto whole = static_cast<std::size_t>(plan.bytes);
  std::vector<std::byte> stored(plan.type->convert ? std::min(whole, piece_bytes) : 0);
  for (std::size_t position = 0; position < whole;) {
    const std::size_t size = std::min(whole - position, piece_bytes);
    const std::span<std::byte> piece = plan.type->convert ? std::span(stored).first(size) : std::span(to, size);
    source.read(piece);
    if (checksum) *checksum = crc32c(piece, *checksum);
    if (plan.type->dtype == DType::boolean) {
      const auto wrong = std::find_if(piece.begin(), piece.end(), [](std::byte b) { return b > std::byte{1}; });
      if (wrong != piece.end())
        refuse(file, *plan.name,
               fmt::format("element {} of a BOOL is {}, neither 0 nor 1",
                           position + static_cast<std::size_t>(wrong - piece.begin()), static_cast<int>(*wrong)));
    }
    if (plan.type->convert) plan.type->convert(piece, to);
    to += size / plan.type->size * size_of(plan.type->dtype);
    position += size;
  }
  return tensor;
}

template <class Source>
TensorFile read_from(Source& source, std::string_view name) {
  std::uint64_t length;
  const std::uint64_t size = source.size();
  if (size < sizeof length)
    throw FormatError(fmt::format("{}: {} bytes are too few for a header's length", name, size));
  source.read(std::as_writable_bytes(std::span(&length, 1)));
  const std::uint64_t rest = size - sizeof length;
  if (length > rest || length > SafetensorsHeader::max_bytes)
    throw FormatError(fmt::format("{}: a header of {} bytes, but {} follow and {} is the limit", name, length, rest,
                                  SafetensorsHeader::max_bytes));
  std::string text(static_cast<std::size_t>(length), '\0');
  source.read(std::as_writable_bytes(std::span(text)));
  SafetensorsHeader header = parse_safetensors_header(text, name);
  const std::optional<std::string> checksums = take_checksums(header, text, name);
  std::string().swap(text);

  TensorFile file;
  file.has_checksums = checksums.has_value();
  std::size_t position = 0;
  for (const Plan& plan : checked(header, rest - length, name)) {
    std::uint32_t checksum = 0;
    Tensor tensor = load(source, plan, checksums ? &checksum : nullptr, name);
    if (checksums) verify_tensor(*checksums, position++, checksum, *plan.name, name);
    file.tensors.emplace(*plan.name, std::move(tensor));
  }
  file.metadata = std::move(header.metadata);
  return file;
}

Bytes bytes_of(const Tensor& contiguous) {
  return dispatch(contiguous.dtype(), [&]<class T> {
    return std::as_bytes(std::span(contiguous.data<T>(), static_cast<std::size_t>(contiguous.numel())));
  });
}

// What a file consists of: the header's length, the header, and the tensors in order of their bytes.
struct Pieces {
  std::uint64_t length;
  std::string header;
  std::vector<Tensor> tensors;  // contiguous

  explicit Pieces(const TensorFile& file) {
    std::vector<std::pair<std::string, Entry>> entries;
    std::vector<std::uint32_t> checksums;
    std::uint64_t position = 0;
    for (const FileType& type : std::span(file_types).first(written_types))
      for (const auto& [name, tensor] : file.tensors) {
        if (!tensor.defined()) refuse("safetensors", name, "is undefined");
        if (tensor.dtype() != type.dtype) continue;
        tensors.push_back(tensor.contiguous());
        const std::uint64_t end = position + bytes_of(tensors.back()).size();
        checksums.push_back(crc32c(bytes_of(tensors.back())));
        entries.push_back(
            {name, {std::string(type.name), {tensor.shape().begin(), tensor.shape().end()}, position, end}});
        position = end;
      }
    std::map<std::string, std::string> metadata = file.metadata;
    metadata.try_emplace("format", "pt");  // without it PyTorch's tools refuse the file
    add_checksums(metadata, checksums);
    header = format_safetensors_header(entries, metadata);
    sign_header(header);
    length = header.size();
  }

  std::vector<Bytes> parts() const {
    std::vector<Bytes> parts = {std::as_bytes(std::span(&length, 1)), std::as_bytes(std::span(header))};
    for (const Tensor& tensor : tensors) parts.push_back(bytes_of(tensor));
    return parts;
  }
};

}  // namespace

TensorFile read_safetensors(const std::string& path) {
  InputFile source(path);
  TensorFile file = read_from(source, path);
  source.check_unchanged();
  return file;
}

TensorFile parse_safetensors(Bytes bytes, std::string_view name) {
  Memory source{bytes};
  return read_from(source, name);
}

std::vector<std::byte> serialize_safetensors(const TensorFile& file) {
  std::vector<std::byte> bytes;
  const Pieces pieces(file);
  for (const Bytes part : pieces.parts()) bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}

void write_safetensors(const std::string& path, const TensorFile& file) {
  const Pieces pieces(file);
  write_file_atomically(path, pieces.parts());
}

}  // namespace heed
