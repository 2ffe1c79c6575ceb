// From running text to words, by fixed rules and without a dictionary: the same text always gives the same words, on
// every machine. Good enough for vocabularies and BLEU of European languages, Chinese and Japanese; languages written
// without spaces in other scripts (Thai, Lao, Khmer) come out as whole phrases.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "heed/nn/data/utf8.h"

namespace heed::nn {

/// The lower-case words and punctuation marks of `text`. FormatError when it is not UTF-8.
///  * Every Unicode space (U+00A0, U+202F, U+2009, U+3000 …) and control character separates; marks nobody sees (soft
///    hyphen, direction marks) vanish.
///  * A run of one punctuation mark or symbol is a token of its own: "!", "...", "«".
///  * Between letters or digits a hyphen or apostrophe stays inside the word: "peut-être", "don't", "o'clock"; but an
///    elided French or Italian word ends with its apostrophe: "l'homme" gives "l'" "homme", "qu'il" gives "qu'" "il".
///    The typographic ’ counts as '.
///  * Between digits '.' ',' ':' stay: "3,000.50", "10:30".
///  * Every ideograph and kana is a token.
std::vector<std::string> words(std::string_view text);

/// The lower-case form of one code point. One to one and independent of language, for Latin (Latin-1, Extended-A, -B's
/// Romanian letters, Extended Additional), Greek and Cyrillic; every other code point is returned unchanged. İ becomes
/// i.
char32_t lower(char32_t code);

/// Words as a reader would print them: a blank between words, none before closing marks, after opening ones and
/// elisions and between ideographs.
std::string join_words(const std::vector<std::string>& words);

}  // namespace heed::nn
