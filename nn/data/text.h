// From running text to words and back, by fixed rules and without a dictionary: the same text always gives the same
// words for one version of Unicode's data (nn/data/unicode.h).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heed/nn/data/unicode.h"
#include "heed/nn/data/utf8.h"

namespace heed::nn {

struct TextOptions {
  /// For letters of scripts without blanks between words (is_unspaced: Chinese, Japanese, Thai, Lao, Khmer, Myanmar):
  /// true makes every grapheme cluster a word; false separates them by blanks and punctuation only, as in other
  /// scripts, which is right for text that somebody has already divided. Other scripts, Korean too, are not concerned.
  bool split_characters = true;

  friend bool operator==(const TextOptions&, const TextOptions&) = default;
};

/// The options that suit `lines`: split_characters unless their text of such scripts has blanks between words, at least
/// one for every eight pairs of neighbouring characters. Unsegmented Japanese has next to none, Thai (where blanks
/// part phrases) about one in fifteen, segmented text one in two or three. FormatError when a line is not UTF-8.
TextOptions detect_text_options(std::span<const std::string_view> lines);

/// The lower-case words and punctuation marks of `text`, in Normalization Form C. FormatError when it is not UTF-8.
///  * Every Unicode space (U+00A0, U+202F, U+2009, U+3000, U+200B …) and control character separates; characters nobody
///    sees (soft hyphen, direction marks, byte-order mark) vanish. ZERO WIDTH JOINER and NON-JOINER are spelling: they
///    stay behind the letter or emoji they follow, and vanish where there is none.
///  * No grapheme cluster is ever divided: a letter keeps its marks, an emoji its modifiers.
///  * A run of one punctuation mark or symbol is a token of its own: "!", "...", "«", "😀😀".
///  * Between letters or digits a hyphen or apostrophe stays inside the word: "peut-être", "don't", "o'clock"; but an
///    elided French or Italian word ends with its apostrophe: "l'homme" gives "l'" "homme", "qu'il" gives "qu'" "il".
///    The typographic ’ and U+02BC count as ', the hyphens U+2010 and U+2011 as -.
///  * Between letters the middle dot of Catalan, the maqaf, geresh and gershayim of Hebrew, Tibetan's tsheg and the
///    stress, question and exclamation marks of Armenian stay too.
///  * Between digits '.' ',' ':' stay, full-width and Arabic ones too: "3,000.50", "10:30".
///  * Every ideograph, kana or character of another script without blanks is a token, unless the options say otherwise.
std::vector<std::string> words(std::string_view text, const TextOptions& options = {});

/// Words as a reader would print them: a blank between words, but none before closing marks, after opening ones and
/// elisions, on the inner side of quotation marks, around '/' and '_', and, with options.split_characters, between
/// characters of one script without blanks and on either side of ideographs, kana and full-width punctuation.
/// words(join_words(w, o), o) is w again for every w that words(…, o) gave. join_words(words(text)) is `text` but for
/// letter case, composed form, apostrophes, hyphens, invisible characters and blanks where printing customs differ.
std::string join_words(const std::vector<std::string>& words, const TextOptions& options = {});

}  // namespace heed::nn
