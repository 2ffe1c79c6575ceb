// What Unicode says about characters: kind, case, composed form, grapheme clusters and display width. The data are
// those of utf8proc, which nn/data/unicode.cpp alone includes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace heed::nn {

/// What a code point does to the words around it, by its general category.
enum class CharacterKind {
  letter,       ///< letters, numbers that are not digits (Ⅷ, ½), private use and unassigned
  mark,         ///< combining marks: accents, vowel signs
  digit,        ///< decimal digits of any script, full-width ones too
  opening,      ///< brackets and quotation marks that open (Ps, Pi)
  closing,      ///< brackets and quotation marks that close (Pe, Pf)
  punctuation,  ///< the other punctuation: full stop, dash, ampersand
  symbol,       ///< mathematics, currencies, arrows, emoji
  space,        ///< spaces, ZERO WIDTH SPACE, line and paragraph separators, control characters
  joiner,       ///< ZERO WIDTH JOINER and NON-JOINER and the tags in flags: seen by their effect on what is before
  invisible     ///< other format characters: SOFT HYPHEN, direction marks, WORD JOINER, byte-order mark
};

CharacterKind character_kind(char32_t code);

/// True for letters of scripts without blanks between words: ideographs, kana and their like (every East
/// Asian wide letter but Hangul), Thai, Lao, Khmer, Myanmar, Tai.
bool is_unspaced(char32_t code);

/// True for letters that are written from right to left (Hebrew, Arabic, Syriac and their like) and for the numbers and
/// marks that belong to them: what makes a terminal reverse the order of its neighbours.
bool is_right_to_left(char32_t code);

/// True for the characters that turn the direction of what follows them, whoever wrote it: embeddings, overrides,
/// isolates and what ends them. Not for the marks that are a letter without a form (LRM, RLM, ALM).
bool turns_direction(char32_t code);

/// The lower-case form of one code point by Unicode's simple mapping: one to one and independent of language. İ becomes
/// i, Σ always σ, ẞ becomes ß, and ß stays.
char32_t lower(char32_t code);

/// Normalization Form C: a letter and its accents as one code point where Unicode has one, so that both ways of writing
/// é are equal. `codes` must be Unicode scalar values.
std::u32string nfc(std::u32string codes);

/// The number of code points in the first extended grapheme cluster (Unicode Standard Annex 29), what a reader takes
/// for one character: a letter with its marks, a Hangul syllable, a flag, an emoji with its modifiers. 0 for no text.
std::size_t first_grapheme(std::u32string_view codes);

/// The grapheme clusters of `text`. FormatError when it is not UTF-8.
std::vector<std::string> graphemes(std::string_view text);

/// The columns of a terminal that one grapheme cluster takes: 0 for marks alone and format characters, 2 for East Asian
/// wide characters and emoji, never more.
int grapheme_width(std::u32string_view cluster);

}  // namespace heed::nn
