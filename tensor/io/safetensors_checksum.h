// The checksums heed puts into a safetensors file: in its metadata, where other readers pass over them.
// Not part of the public interface: tensor/io/safetensors.h is.
//
//   heed.crc32c.header   of the header's text, with zeros for these eight digits themselves
//   heed.crc32c.tensors  of each tensor's bytes, in the order in which they stand in the file, with blanks between
//
// Both are CRC-32C in eight hexadecimal digits. There are two keys so that a change in one of them is noticed as well:
// a file with one of them is damaged, a file with none was written by another program and is taken as it is.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heed/tensor/io/safetensors_header.h"

namespace heed {

/// A checksum as it is written.
std::string checksum_text(std::uint32_t checksum);

/// Puts both keys into the metadata; the header's is zeros yet. FormatError when one of them is there.
void add_checksums(std::map<std::string, std::string>& metadata, const std::vector<std::uint32_t>& tensors);

/// Fills in the header's checksum in its finished text.
void sign_header(std::string& text);

/// Takes the two keys out of the header that was read from `text`, and gives the text of the tensors' checksums;
/// nothing when there are no keys. FormatError when there is one key only, the header's checksum is another or the
/// number of tensors' checksums is.
std::optional<std::string> take_checksums(SafetensorsHeader& header, std::string_view text, std::string_view file);

/// FormatError unless `checksum` is the one of the tensor at `position` among those of take_checksums().
void verify_tensor(std::string_view checksums, std::size_t position, std::uint32_t checksum, std::string_view name,
                   std::string_view file);

}  // namespace heed
