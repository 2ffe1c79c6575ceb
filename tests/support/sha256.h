// SHA-256 (FIPS 180-4), to compare numbers with what other machines computed: a committed sum can be checked with
// sha256sum too.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace heed::test {

/// 64 hexadecimal digits.
std::string sha256(std::span<const std::byte> bytes);

}  // namespace heed::test
