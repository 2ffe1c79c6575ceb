// Made-up names: lines for character-level language models whose entropy is known, so that it is known how good a model
// can be.
#pragma once

#include <string>

#include "heed/tensor/random/random.h"

namespace heed::models {

/// Two or three syllables, each one of ten consonants and a vowel; then n, r, s or nothing: "kolan", "temisi". All
/// vowels of a name are of one kind, a o u or e i y (vowel harmony, as in Finnish), so the first vowel says something
/// about the last one. Everything is as likely as the next.
std::string make_name(Generator& generator);

/// -Σ p log p of a name in nats, and its mean number of letters. The end of a name counts as a letter more: no model
/// has less than 11.2756 / 6.75 = 1.6705 nats per letter.
inline constexpr double made_up_name_entropy = 11.275582176, made_up_name_letters = 5.75;

}  // namespace heed::models
