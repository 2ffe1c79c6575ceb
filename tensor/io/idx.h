// IDX, the format of MNIST and its relatives (http://yann.lecun.com/exdb/mnist/): a number that tells the element type
// and how many sizes there are, the sizes, the elements; all big-endian. Gzip-compressed or not.
//
// A file is untrusted input: what its header says is checked against the size of the file, and what it becomes against
// a limit, before a byte is allocated for the elements; its length must be exactly that. What servers send in place of
// a file is recognised: a web page, a Git LFS pointer, a file compressed twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "heed/tensor/tensor.h"

namespace heed {

struct IdxLimits {
  std::uint64_t max_file_bytes = std::uint64_t{1} << 31;  ///< as the file stands on the disk
  std::uint64_t max_bytes = std::uint64_t{1} << 29;       ///< of the tensor, where a byte becomes 4 or 8
};

struct IdxFile {
  Tensor values;
  std::string summary;  ///< one sentence: what was read
};

/// The file's numbers: u8, i8, i16 and i32 become i64, f32 and f64 stay. FormatError with the name of the file and the
/// check that failed; IoError when it cannot be read, is not a regular file, or changes meanwhile.
IdxFile read_idx(const std::string& path, const IdxLimits& limits = {});
IdxFile parse_idx(std::span<const std::byte> bytes, std::string_view name, const IdxLimits& limits = {});

/// Pictures: u8 of three sizes becomes f32 [N, height, width] in [0, 1], the byte divided by 255. FormatError for
/// another type or number of sizes too.
IdxFile read_idx_images(const std::string& path, const IdxLimits& limits = {});
IdxFile parse_idx_images(std::span<const std::byte> bytes, std::string_view name, const IdxLimits& limits = {});

/// Labels: u8 of one size becomes i64 [N]. FormatError too for a label that is not below `classes`.
IdxFile read_idx_labels(const std::string& path, std::int64_t classes, const IdxLimits& limits = {});
IdxFile parse_idx_labels(std::span<const std::byte> bytes, std::string_view name, std::int64_t classes,
                         const IdxLimits& limits = {});

}  // namespace heed
