// The bytes of a SentencePiece model, which may come from anywhere.
#pragma once

#include <string_view>

namespace heed::examples {

/// FormatError when SentencePiece would read outside of its memory with this model: it follows the offsets in the
/// table of normalised characters without a check.
void check_subword_model_bytes(std::string_view bytes);

}  // namespace heed::examples
