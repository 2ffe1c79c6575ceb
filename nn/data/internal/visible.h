// Text without the blanks of every kind around it.
#pragma once

#include <cstdint>
#include <string_view>

namespace heed::nn {

/// `text`, which is UTF-8, without the blanks around it; empty when nothing in it can be seen.
std::string_view visible_part(std::string_view text);

/// The number of U+FEFF in `text`: byte-order marks that stand within a file, invisible and most often not meant.
std::int64_t byte_order_marks(std::string_view text);

/// True when `text` has a control character.
bool has_control(std::string_view text);

}  // namespace heed::nn
