// Is a data file the published one? Told by its SHA-256, as information: a file may well be another edition, and what
// is damaged is found by whoever reads it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace heed::nn {

enum class FileOrigin {
  published,  ///< its bytes are those of the file known by this name
  different,  ///< a file of this name is known, but these are not its bytes
  unknown     ///< no file of this name is known
};

struct FileIdentity {
  FileOrigin origin = FileOrigin::unknown;
  std::string sha256;   ///< of the bytes
  std::string summary;  ///< one sentence for the user
};

/// For bytes that have been read from `path`, of which the last part is the name: MNIST's four files, names.txt,
/// input.txt (tiny Shakespeare), the sentence polarity files, SNIPS, Tatoeba's fra.txt, the three time series, iris;
/// packed and unpacked where they are published packed.
FileIdentity identify_file(std::string_view path, std::span<const std::byte> bytes);

/// Reads the file first. IoError when it cannot be read; FormatError when it has more than 2^31 bytes.
FileIdentity identify_file(const std::string& path);

}  // namespace heed::nn
