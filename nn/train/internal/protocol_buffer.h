// The few forms of protocol buffers (https://protobuf.dev/programming-guides/encoding/) that event files are made of.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace heed::nn {

/// A message that grows field by field.
class ProtocolBuffer {
 public:
  ProtocolBuffer& integer(unsigned field, std::int64_t value);              ///< int64, enum
  ProtocolBuffer& number(unsigned field, double value);                     ///< double
  ProtocolBuffer& number(unsigned field, float value);                      ///< float
  ProtocolBuffer& bytes(unsigned field, std::string_view value);            ///< string, bytes, an embedded message
  ProtocolBuffer& numbers(unsigned field, std::span<const double> values);  ///< repeated double, packed

  const std::string& str() const { return text_; }

 private:
  void varint(std::uint64_t value);
  void key(unsigned field, unsigned wire_type);

  std::string text_;
};

/// `value` in its eight or four bytes, the lowest first.
std::string little_endian(std::uint64_t value);
std::string little_endian(std::uint32_t value);

}  // namespace heed::nn
