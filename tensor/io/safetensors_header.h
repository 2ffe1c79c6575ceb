// The JSON header of a safetensors file: which tensors there are, of what type and shape, and where their bytes stand.
// Not part of the public interface: tensor/io/safetensors.h is.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace heed {

struct SafetensorsHeader {
  struct Entry {
    std::string type;                  // "F32", …, not checked
    std::vector<std::uint64_t> shape;  // at most 8 sizes, not checked
    std::uint64_t begin = 0, end = 0;  // byte offsets behind the header, not checked
  };
  // A header takes several times its bytes while it is read, and a tensor hundreds of bytes even if it is empty. With
  // these limits (the reference reader has 100,000,000 bytes) that stays below twice the file and 64 MiB.
  static constexpr std::uint64_t max_bytes = std::uint64_t{1} << 25;
  static constexpr std::size_t max_entries = 65'536;  // tensors, or metadata

  std::map<std::string, Entry> entries;
  std::map<std::string, std::string> metadata;
};

/// Reads a header. FormatError, which calls the file `file`, unless it is one JSON object of valid UTF-8 whose first
/// byte is '{', without a duplicate key, in which "__metadata__" may map strings to strings and every other key has
/// exactly a dtype, a shape and two data_offsets.
SafetensorsHeader parse_safetensors_header(std::string_view text, std::string_view file);

/// The header as text, filled up with spaces to a multiple of 8 bytes. FormatError when parse_safetensors_header()
/// would refuse it.
std::string format_safetensors_header(const std::vector<std::pair<std::string, SafetensorsHeader::Entry>>& entries,
                                      const std::map<std::string, std::string>& metadata);

/// 'text' for messages, in quotes; a long text is cut.
std::string message_quote(std::string_view text);

}  // namespace heed
