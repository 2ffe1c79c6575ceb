// A reader of TensorBoard's event files that shares nothing with the writer: its own checksums, bit by bit, its own
// decoding. It stops where a reader of TensorBoard does, at a record that is cut or damaged.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace heed::test {

inline std::uint32_t slow_masked_crc32c(std::string_view bytes) {
  std::uint32_t crc = ~0u;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
  }
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

template <class T>
T from_bytes(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

/// The records of a file up to the first that is cut or has a wrong checksum.
inline std::vector<std::string> event_records(std::string_view file) {
  std::vector<std::string> records;
  while (file.size() >= 12) {
    const auto length = from_bytes<std::uint64_t>(file);
    if (from_bytes<std::uint32_t>(file.substr(8)) != slow_masked_crc32c(file.substr(0, 8))) break;
    if (file.size() - 12 < 4 || length > file.size() - 16) break;
    const std::string_view record = file.substr(12, length);
    if (from_bytes<std::uint32_t>(file.substr(12 + length)) != slow_masked_crc32c(record)) break;
    records.emplace_back(record);
    file.remove_prefix(16 + length);
  }
  return records;
}

/// The fields of a message: number, and the bytes of each value (of a varint, eight of them).
inline std::multimap<std::uint64_t, std::string> message_fields(std::string_view message) {
  std::multimap<std::uint64_t, std::string> fields;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (int shift = 0; !message.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(message[0]);
      message.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (!message.empty()) {
    const std::uint64_t key = varint(), type = key & 7;
    std::string value;
    if (type == 0) {
      const std::uint64_t number = varint();
      value.assign(reinterpret_cast<const char*>(&number), sizeof number);
    } else {
      const std::uint64_t size = type == 1 ? 8 : type == 5 ? 4 : varint();
      value = message.substr(0, size);
      message.remove_prefix(value.size());
    }
    fields.emplace(key >> 3, value);
  }
  return fields;
}

}  // namespace heed::test
