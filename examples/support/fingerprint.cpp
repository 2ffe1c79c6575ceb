#include "examples/support/fingerprint.h"

#include <fmt/format.h>

#include <span>

#include "heed/tensor/io/crc32c.h"

namespace heed::examples {

void Fingerprint::add(std::string_view text) {
  const std::uint64_t length = text.size();  // so that "ab", "c" and "a", "bc" differ
  checksum_ = crc32c(std::as_bytes(std::span(&length, 1)), checksum_);
  checksum_ = crc32c(std::as_bytes(std::span(text)), checksum_);
  bytes_ += length;
}

std::string Fingerprint::text() const { return fmt::format("of {} bytes, CRC-32C {:08x}", bytes_, checksum_); }

}  // namespace heed::examples
