// CRC-32C, the checksum with Castagnoli's polynomial that iSCSI, ext4 and TensorBoard's files use: it finds every
// change of up to 32 neighbouring bits. Not part of the public interface: tensor/io/safetensors.h is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace heed {

/// The CRC-32C of bytes that follow others whose CRC-32C is `before`. Of the text "123456789": 0xe3069283.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t before = 0);

/// The same where the processor has no instruction for it.
std::uint32_t crc32c_by_table(std::span<const std::byte> bytes, std::uint32_t before = 0);

}  // namespace heed
