// SHA-256 (FIPS 180-4): the fingerprint by which published files are known, and by which results are compared with
// those of other machines; sha256sum gives the same.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace heed {

/// 64 hexadecimal digits.
std::string sha256(std::span<const std::byte> bytes);

}  // namespace heed
