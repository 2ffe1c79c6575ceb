// Which data a training read: a short text that is another for other data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace heed::examples {

class Fingerprint {
 public:
  void add(std::string_view text);

  /// "of 120 bytes, CRC-32C 1a2b3c4d".
  std::string text() const;

 private:
  std::uint64_t bytes_ = 0;
  std::uint32_t checksum_ = 0;
};

}  // namespace heed::examples
