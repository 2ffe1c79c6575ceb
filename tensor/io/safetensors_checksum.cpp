#include "heed/tensor/io/safetensors_checksum.h"

#include <fmt/format.h>

#include <span>

#include "heed/tensor/error.h"
#include "heed/tensor/io/crc32c.h"

namespace heed {
namespace {

constexpr std::string_view header_key = "heed.crc32c.header", tensors_key = "heed.crc32c.tensors";
constexpr std::string_view zeros = "00000000";

// Where the digits of the header's checksum stand in its text; npos when the key is not there as heed writes it. Within
// a string every quote has a backslash before it, so this can only be the key.
std::size_t digits_in(std::string_view text) {
  for (const char before : {'{', ','}) {
    const std::string key = fmt::format("{}\"{}\":\"", before, header_key);
    const std::size_t at = text.find(key);
    if (at != text.npos && at + key.size() + zeros.size() <= text.size()) return at + key.size();
  }
  return text.npos;
}

std::uint32_t checksum_of(std::string_view text, std::size_t digits) {
  const auto bytes = [](std::string_view part) { return std::as_bytes(std::span(part)); };
  const std::uint32_t before = crc32c(bytes(zeros), crc32c(bytes(text.substr(0, digits))));
  return crc32c(bytes(text.substr(digits + zeros.size())), before);
}

}  // namespace

std::string checksum_text(std::uint32_t checksum) { return fmt::format("{:08x}", checksum); }

void add_checksums(std::map<std::string, std::string>& metadata, const std::vector<std::uint32_t>& tensors) {
  std::string texts;
  for (const std::uint32_t checksum : tensors) {
    if (!texts.empty()) texts += ' ';
    texts += checksum_text(checksum);
  }
  for (const auto& [key, text] : {std::pair(header_key, std::string(zeros)), std::pair(tensors_key, texts)})
    if (!metadata.emplace(key, text).second)
      throw FormatError(fmt::format("safetensors: the key {} of the metadata is heed's own", key));
}

void sign_header(std::string& text) {
  const std::size_t digits = digits_in(text);
  text.replace(digits, zeros.size(), checksum_text(checksum_of(text, digits)));
}

std::optional<std::string> take_checksums(SafetensorsHeader& header, std::string_view text, std::string_view file) {
  auto of_header = header.metadata.extract(std::string(header_key));
  auto of_tensors = header.metadata.extract(std::string(tensors_key));
  if (of_header.empty() && of_tensors.empty()) return std::nullopt;
  if (of_header.empty() || of_tensors.empty())
    throw FormatError(fmt::format("{}: header: the metadata have {} without {}: the file is damaged", file,
                                  of_header.empty() ? tensors_key : header_key,
                                  of_header.empty() ? header_key : tensors_key));
  const std::size_t digits = digits_in(text);
  const std::string found = digits == text.npos ? "none" : checksum_text(checksum_of(text, digits));
  if (found != of_header.mapped())
    throw FormatError(
        fmt::format("{}: header: its checksum is {}, {} was written: the file is damaged, or another "
                    "program made it with the metadata of a file of heed",
                    file, found, message_quote(of_header.mapped())));
  const std::size_t count = (of_tensors.mapped().size() + 1) / 9;
  if (count != header.entries.size() || (of_tensors.mapped().size() + 1) % 9 != (count > 0 ? 0 : 1))
    throw FormatError(
        fmt::format("{}: header: checksums of {} tensors, there are {}", file, count, header.entries.size()));
  return std::move(of_tensors.mapped());
}

void verify_tensor(std::string_view checksums, std::size_t position, std::uint32_t checksum, std::string_view name,
                   std::string_view file) {
  const std::string_view written = checksums.substr(9 * position, 8);
  const std::string found = checksum_text(checksum);
  if (found != written)
    throw FormatError(fmt::format("{}: tensor {}: its checksum is {}, {} was written: the file is damaged", file,
                                  message_quote(name), found, message_quote(written)));
}

}  // namespace heed
