#include "heed/nn/train/internal/protocol_buffer.h"

#include <bit>

namespace heed::nn {
namespace {

constexpr unsigned varint_type = 0, eight_bytes_type = 1, length_type = 2, four_bytes_type = 5;

template <class T>
std::string low_bytes_first(T value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof value; ++i, value >>= 8) bytes += static_cast<char>(value & 0xFF);
  return bytes;
}

}  // namespace

std::string little_endian(std::uint64_t value) { return low_bytes_first(value); }
std::string little_endian(std::uint32_t value) { return low_bytes_first(value); }

void ProtocolBuffer::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) text_ += static_cast<char>(0x80 | (value & 0x7F));
  text_ += static_cast<char>(value);
}

void ProtocolBuffer::key(unsigned field, unsigned wire_type) { varint(std::uint64_t{field} << 3 | wire_type); }

ProtocolBuffer& ProtocolBuffer::integer(unsigned field, std::int64_t value) {
  key(field, varint_type);
  varint(static_cast<std::uint64_t>(value));
  return *this;
}

ProtocolBuffer& ProtocolBuffer::number(unsigned field, double value) {
  key(field, eight_bytes_type);
  text_ += little_endian(std::bit_cast<std::uint64_t>(value));
  return *this;
}

ProtocolBuffer& ProtocolBuffer::number(unsigned field, float value) {
  key(field, four_bytes_type);
  text_ += little_endian(std::bit_cast<std::uint32_t>(value));
  return *this;
}

ProtocolBuffer& ProtocolBuffer::bytes(unsigned field, std::string_view value) {
  key(field, length_type);
  varint(value.size());
  text_ += value;
  return *this;
}

ProtocolBuffer& ProtocolBuffer::numbers(unsigned field, std::span<const double> values) {
  std::string packed;
  for (const double value : values) packed += little_endian(std::bit_cast<std::uint64_t>(value));
  return bytes(field, packed);
}

}  // namespace heed::nn
