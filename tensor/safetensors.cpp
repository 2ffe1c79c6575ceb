#include "heed/tensor/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "heed/tensor/create.h"
#include "heed/tensor/file.h"
#include "heed/tensor/half.h"
#include "heed/tensor/safetensors_header.h"

namespace heed {
namespace {

static_assert(std::endian::native == std::endian::little, "the format's numbers are little-endian");

using Bytes = std::span<const std::byte>;
using Entry = SafetensorsHeader::Entry;

template <class T>
void load_as_is(Bytes from, Tensor& to) {
  std::memcpy(to.mutable_data<T>(), from.data(), from.size());
}

template <class Stored, auto convert>
void load_converted(Bytes from, Tensor& to) {
  auto* numbers = to.mutable_data<decltype(convert(Stored{}))>();
  for (std::size_t i = 0; i < from.size() / sizeof(Stored); ++i) {
    Stored stored;
    std::memcpy(&stored, from.data() + i * sizeof(Stored), sizeof(Stored));
    numbers[i] = convert(stored);
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
  void (*load)(Bytes from, Tensor& to);
};

constexpr std::size_t written_types = 4;  // the first ones, in the order they are written
constexpr std::array<FileType, 10> file_types = {{
    {"I64", 8, DType::i64, load_as_is<std::int64_t>},
    {"F64", 8, DType::f64, load_as_is<double>},
    {"F32", 4, DType::f32, load_as_is<float>},
    {"BOOL", 1, DType::b8, load_as_is<bool>},
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
  Bytes bytes;
};

[[noreturn]] void refuse(std::string_view file, std::string_view name, std::string_view reason) {
  throw FormatError(fmt::format("{}: tensor {}: {}", file, message_quote(name), reason));
}

// Everything but the offsets' place among the others. `data` is what follows the header.
Plan checked(const std::string& name, const Entry& entry, Bytes data, std::string_view file) {
  const auto type = std::find_if(file_types.begin(), file_types.end(),
                                 [&](const FileType& known) { return known.name == entry.type; });
  if (type == file_types.end())
    refuse(file, name, fmt::format("dtype {} is not one heed reads", message_quote(entry.type)));
  Plan plan{&name, type, {}, {}};

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
  if (end > data.size())
    refuse(file, name, fmt::format("data_offsets [{}, {}], but {} bytes follow the header", begin, end, data.size()));
  plan.bytes = data.subspan(begin, bytes);
  if (type->dtype == DType::b8) {
    const auto wrong = std::find_if(plan.bytes.begin(), plan.bytes.end(), [](std::byte b) { return b > std::byte{1}; });
    if (wrong != plan.bytes.end())
      refuse(file, name,
             fmt::format("element {} of a BOOL is {}, neither 0 nor 1", wrong - plan.bytes.begin(),
                         static_cast<int>(*wrong)));
  }
  return plan;
}

// In the order of their bytes, which must follow each other without hole or overlap from the first to the last.
std::vector<Plan> checked(const SafetensorsHeader& header, Bytes data, std::string_view file) {
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
  if (position != data.size())
    throw FormatError(
        fmt::format("{}: the tensors end at byte {}, but {} bytes follow the header", file, position, data.size()));
  return plans;
}

Bytes bytes_of(const Tensor& contiguous) {
  return visit_dtype(contiguous.dtype(), [&]<class T> {
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
    std::uint64_t position = 0;
    for (const FileType& type : std::span(file_types).first(written_types))
      for (const auto& [name, tensor] : file.tensors) {
        if (!tensor.defined()) refuse("safetensors", name, "is undefined");
        if (tensor.dtype() != type.dtype) continue;
        tensors.push_back(tensor.contiguous());
        const std::uint64_t end = position + bytes_of(tensors.back()).size();
        entries.push_back(
            {name, {std::string(type.name), {tensor.shape().begin(), tensor.shape().end()}, position, end}});
        position = end;
      }
    std::map<std::string, std::string> metadata = file.metadata;
    metadata.try_emplace("format", "pt");  // without it PyTorch's tools refuse the file
    header = format_safetensors_header(entries, metadata);
    length = header.size();
  }

  std::vector<Bytes> parts() const {
    std::vector<Bytes> parts = {std::as_bytes(std::span(&length, 1)), std::as_bytes(std::span(header))};
    for (const Tensor& tensor : tensors) parts.push_back(bytes_of(tensor));
    return parts;
  }
};

}  // namespace

TensorFile read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path), path.string());
}

TensorFile parse_safetensors(Bytes bytes, std::string_view name) {
  std::uint64_t length;
  if (bytes.size() < sizeof length)
    throw FormatError(fmt::format("{}: {} bytes are too few for a header's length", name, bytes.size()));
  std::memcpy(&length, bytes.data(), sizeof length);
  const Bytes rest = bytes.subspan(sizeof length);
  if (length > rest.size() || length > SafetensorsHeader::max_bytes)
    throw FormatError(fmt::format("{}: a header of {} bytes, but {} follow and {} is the limit", name, length,
                                  rest.size(), SafetensorsHeader::max_bytes));
  SafetensorsHeader header =
      parse_safetensors_header({reinterpret_cast<const char*>(rest.data()), static_cast<std::size_t>(length)}, name);

  TensorFile file;
  for (const Plan& plan : checked(header, rest.subspan(length), name)) {
    Tensor tensor = empty(plan.shape, plan.type->dtype);
    plan.type->load(plan.bytes, tensor);
    file.tensors.emplace(*plan.name, std::move(tensor));
  }
  file.metadata = std::move(header.metadata);
  return file;
}

std::vector<std::byte> serialize_safetensors(const TensorFile& file) {
  std::vector<std::byte> bytes;
  const Pieces pieces(file);
  for (const Bytes part : pieces.parts()) bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}

void write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  const Pieces pieces(file);
  write_file_atomically(path, pieces.parts());
}

}  // namespace heed
