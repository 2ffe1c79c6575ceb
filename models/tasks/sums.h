// Sums in words: a text without end for character-level language models, whose spelling, grammar and arithmetic show in
// what a model writes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "heed/tensor/random/random.h"

namespace heed::models {

/// 0 to 40 in English words: "thirty-one". IndexError otherwise.
std::string number_in_words(std::int64_t number);

/// "three plus four is seven." with both terms drawn from 0 … 20.
std::string make_sum(Generator& generator);

/// The fraction of the lines that are right sums, as make_sum() writes them; nothing where there is no line. What
/// stands before the first line break and behind the last one may be cut off, and is not counted.
std::optional<double> right_sums(std::string_view text);

}  // namespace heed::models
