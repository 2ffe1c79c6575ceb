// Safetensors files as bytes, for tests of what their reader accepts.
#pragma once

#include <span>
#include <string>

#include "heed/tensor/error.h"
#include "heed/tensor/io/safetensors.h"

namespace heed::test {

/// The eight bytes a file begins with.
inline std::string length_bytes(std::uint64_t length) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(length >> 8 * i & 255);
  return bytes;
}

/// A file with this header and so many zero bytes of data.
inline std::string file_of(const std::string& header, std::size_t data_bytes = 0) {
  return length_bytes(header.size()) + header + std::string(data_bytes, '\0');
}

/// The file, which messages call "test".
inline TensorFile parse(const std::string& bytes) { return parse_safetensors(std::as_bytes(std::span(bytes)), "test"); }

inline bool accepts(const std::string& bytes) {
  try {
    parse(bytes);
  } catch (const FormatError&) {
    return false;
  }
  return true;
}

}  // namespace heed::test
