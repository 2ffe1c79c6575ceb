// Reading gzip (RFC 1952), in pieces: nothing is unpacked before somebody asks for it, so a small file that unpacks to
// gigabytes costs no more than its reader wants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

/// No byte of deflate's stream becomes more than so many (RFC 1951: a match of 258 bytes takes two bits or more).
inline constexpr std::uint64_t gzip_max_ratio = 1032;

/// True for bytes that begin as every gzip file does.
bool is_gzip(std::span<const std::byte> bytes);

/// The content of a gzip file: of its members, one after the other.
class GzipReader {
 public:
  /// Refers to `bytes`, which must outlive the reader. Messages call them `name`.
  GzipReader(std::span<const std::byte> bytes, std::string_view name);
  GzipReader(GzipReader&&) noexcept;
  GzipReader& operator=(GzipReader&&) noexcept;
  ~GzipReader();

  /// Fills `to` with the next bytes of the content and returns how many they are: fewer at its end only. FormatError
  /// for damage: a bad header or stream, a checksum or length that is not that of the content, a file that ends too
  /// soon, bytes behind the last member that are none. What is at fault behind `to` is noticed later.
  std::size_t read(std::span<std::byte> to);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The whole content. FormatError as above, and when it is longer than `max_bytes`.
std::vector<std::byte> gunzip(std::span<const std::byte> bytes, std::string_view name, std::uint64_t max_bytes);

}  // namespace heed
