// safetensors, the file format of named tensors that PyTorch models are exchanged in
// (https://huggingface.co/docs/safetensors): 8 bytes of header length, a JSON header, the numbers.
//
// A file is untrusted input: everything its header says is checked, against the size of the file too, before a byte is
// allocated for a tensor, and what is accepted is what the reference reader accepts, or less. A file that heed wrote
// carries checksums in its metadata ("heed.crc32c.…", tensor/io/safetensors_checksum.h): no damage within 32 bits
// goes unnoticed, other damage once in 2^32.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heed/tensor/tensor.h"

namespace heed {

struct TensorFile {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;  ///< free text under free keys, UTF-8
  bool has_checksums = false;                   ///< set by reading; a file that is written always gets them
};

/// The file's tensors, row-major, each in a storage of its own. F32, F64, I64 and BOOL become what they are; F16 and
/// BF16 become f32; U8, I8, I16 and I32 become i64; other types are refused. FormatError with the name of the file, the
/// tensor and the numbers for a file that is not well-formed in every detail, or whose checksums, if it has any, are
/// not those of its bytes; IoError when it cannot be read, is not a regular file, or changes meanwhile.
TensorFile read_safetensors(const std::string& path);

/// The same for the bytes of a file; messages call it `name`.
TensorFile parse_safetensors(std::span<const std::byte> bytes, std::string_view name);

/// The bytes of a safetensors file with these tensors, laid out as the reference writer does: by element type (I64,
/// F64, F32, BOOL), then by name. The metadata get "format": "pt" unless they have a "format", and checksums, which are
/// not among the metadata of a file that is read. FormatError when the file could not be read back: an undefined
/// tensor, one called "__metadata__", text that is not UTF-8, a header that is too long, metadata under a checksum's
/// key.
std::vector<std::byte> serialize_safetensors(const TensorFile& file);

/// Writes them with write_file_atomically().
void write_safetensors(const std::string& path, const TensorFile& file);

}  // namespace heed
