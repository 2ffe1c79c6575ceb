#include "heed/nn/data/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace heed::nn {
namespace {

bool is_one_of(char32_t code, std::u32string_view set) { return set.find(code) != std::u32string_view::npos; }

bool is_letter_or_digit(char32_t code) {
  const CharacterKind kind = character_kind(code);
  return kind == CharacterKind::letter || kind == CharacterKind::digit;
}

/// True for what words are made of.
bool spells(char32_t code) {
  const CharacterKind kind = character_kind(code);
  return is_letter_or_digit(code) || kind == CharacterKind::mark || kind == CharacterKind::joiner;
}

/// True for a letter that is a word by itself.
bool stands_alone(char32_t code, const TextOptions& options) { return options.split_characters && is_unspaced(code); }

bool in_word(char32_t code, const TextOptions& options) { return spells(code) && !stands_alone(code, options); }

/// `codes` without what nobody sees and without joiners that join nothing.
std::u32string without_invisible(const std::u32string& codes) {
  std::u32string result;
  result.reserve(codes.size());
  for (const char32_t code : codes) {
    const CharacterKind kind = character_kind(code);
    if (kind == CharacterKind::invisible) continue;
    if (kind == CharacterKind::joiner) {
      const bool after_symbol = !result.empty() && character_kind(result.back()) == CharacterKind::symbol;
      if (!after_symbol && (result.empty() || !spells(result.back()))) continue;
    }
    result.push_back(code);
  }
  return result;
}

/// The code points that count, in lower case and composed form, with one form of apostrophe and of hyphen.
std::u32string normalised(std::string_view text) {
  std::u32string codes = nfc(without_invisible(decode_utf8(text)));
  bool changed = false;
  for (char32_t& code : codes) {
    const char32_t before = code;
    if (code == U'\u2019' || code == U'\u02BC')
      code = U'\'';
    else if (code == U'\u2010' || code == U'\u2011')
      code = U'-';
    else
      code = lower(code);
    changed = changed || code != before;
  }
  return changed ? nfc(std::move(codes)) : codes;  // a small letter may have a composed form where the capital has none
}

/// True when the mark `code` between `before` and `after` is part of a word or number.
bool joins(char32_t before, char32_t code, char32_t after, const TextOptions& options) {
  if (!in_word(before, options) || !in_word(after, options)) return false;
  if (is_one_of(code, U"'-")) return true;
  const bool digits = character_kind(before) == CharacterKind::digit && character_kind(after) == CharacterKind::digit;
  if (is_one_of(code, U".,:\u066B\u066C\uFF0C\uFF0E\uFF1A")) return digits;
  return !digits && is_one_of(code, U"\u00B7\u05BE\u05F3\u05F4\u0F0B\u055B\u055C\u055E");
}

bool is_elision(std::string_view word) {  // word: what is before the apostrophe
  constexpr std::array<std::string_view, 13> elisions{"c", "d",  "j",     "l",      "m",      "n",     "s",
                                                      "t", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"};
  return std::find(elisions.begin(), elisions.end(), word) != elisions.end();
}

/// The first grapheme cluster of `codes`, with those marks behind it that Unicode leaves out of clusters (vowel signs
/// of Myanmar), without the blank that a prepended sign would take in.
std::u32string_view first_cluster(std::u32string_view codes) {
  std::size_t length = first_grapheme(codes);
  while (length < codes.size() && character_kind(codes[length]) == CharacterKind::mark)
    length += first_grapheme(codes.substr(length));
  for (std::size_t i = 1; i < length; ++i)
    if (character_kind(codes[i]) == CharacterKind::space) length = i;
  return codes.substr(0, length);
}

void append(std::string& word, std::u32string_view codes) {
  for (const char32_t code : codes) append_utf8(word, code);
}

/// A word and the grapheme clusters at its ends.
struct Piece {
  std::u32string codes, first, last;

  explicit Piece(std::string_view word) : codes(decode_utf8(word)) {
    for (std::u32string_view rest = codes; !rest.empty(); rest.remove_prefix(last.size())) {
      last = first_cluster(rest);
      if (first.empty()) first = last;
    }
  }
};

/// Prints one word after the other, with blanks where a reader expects them and wherever the words would otherwise
/// become others when they are read again.
class Printer {
 public:
  explicit Printer(const TextOptions& options) : options_(options) {}

  void add(const std::string& word) {
    Piece next(word);
    if (next.codes.empty()) return;
    const Sides wanted = sides_of(next);
    const bool touches =
        previous_ &&
        (is_elision_before(next) || ((touches_next_ || wanted.before || touches_by_nature(next)) && may_touch(next)));
    if (previous_ && !touches) text_ += ' ';
    text_ += word;
    before_mark_ = touches ? previous_->codes.back() : 0;
    touches_next_ = wanted.after;
    previous_ = std::move(next);
  }

  std::string text() { return std::move(text_); }

 private:
  struct Sides {  // on which a word is printed without a blank
    bool before, after;
  };
  static constexpr Sides opening{false, true}, closing{true, false}, both{true, true}, neither{false, false};

  CharacterKind kind_of(std::u32string_view cluster) const { return character_kind(cluster[0]); }

  /// An ideograph, kana or full-width punctuation mark.
  bool is_solid(std::u32string_view cluster) const {
    const char32_t code = cluster[0];
    if (!options_.split_characters) return false;
    if (is_unspaced(code)) return grapheme_width(cluster) == 2 || code >= 0xFF00;
    const CharacterKind kind = character_kind(code);
    return (kind == CharacterKind::opening || kind == CharacterKind::closing || kind == CharacterKind::punctuation) &&
           grapheme_width(cluster) == 2;
  }

  Sides sides_of(const Piece& word) {
    if (word.codes.size() == 1 && is_one_of(word.codes[0], U"\"\u201C\u201D\u201E\u00AB\u00BB\u2039\u203A"))
      return sides_of_quote(word.codes[0]);
    if (is_solid(word.first)) return both;
    const char32_t code = word.codes[0];
    switch (kind_of(word.first)) {
      case CharacterKind::opening:
        return opening;
      case CharacterKind::closing:
        return closing;
      case CharacterKind::punctuation:
        if (is_one_of(code, U"/\\_\u203F\u0F0B")) return both;
        if (is_one_of(code, U"#@\u00A1\u00BF")) return opening;
        if (is_one_of(code, U"-&*'\"\u00A7\u00B6\u00B7\u058A\u05BE\u2012\u2013\u2014\u2015\u2020\u2021\u2022"))
          return neither;
        return closing;
      case CharacterKind::symbol:
        if (is_one_of(code, U"\u00AE\u00B0\u2122")) return closing;
        return {false, is_one_of(code, U"$\u00A3\u00A5\u20AC\u20B9") && !is_number(previous_)};
      default:
        return neither;
    }
  }

  /// Marks that open and close by turns, or in some languages the other way round: „so“, »so« and ”so”.
  Sides sides_of_quote(char32_t quote) {
    const auto closes = [&](std::u32string_view pair) { return quote_ == pair[0] && quote == pair[1]; };
    for (const std::u32string_view pair : {U"\"\"", U"\u201C\u201D", U"\u201E\u201C", U"\u201E\u201D", U"\u201D\u201D",
                                           U"\u00AB\u00BB", U"\u00BB\u00AB", U"\u2039\u203A", U"\u203A\u2039"})
      if (closes(pair)) {
        quote_ = 0;
        return closing;
      }
    const bool opens = quote == U'"' || character_kind(quote) == CharacterKind::opening || !previous_;
    if (opens) quote_ = quote;
    return opens ? opening : closing;
  }

  static bool is_number(const std::optional<Piece>& word) {
    return word && character_kind(word->codes[0]) == CharacterKind::digit;
  }

  bool is_elision_before(const Piece& next) const {
    return ends_in_elision() && is_letter_or_digit(next.codes[0]) && !stands_alone(next.codes[0], options_);
  }
  bool ends_in_elision() const {
    return previous_->codes.size() > 1 && previous_->codes.back() == U'\'' && previous_->codes.front() != U'\'';
  }

  bool touches_by_nature(const Piece& next) const {
    const std::u32string &a = previous_->last, &b = next.first;
    const auto is_emoji = [&](const std::u32string& cluster) {
      return kind_of(cluster) == CharacterKind::symbol && grapheme_width(cluster) == 2;
    };
    return (stands_alone(a[0], options_) && stands_alone(b[0], options_)) || (is_emoji(a) && is_emoji(b));
  }

  /// False when the two would be other words if there were no blank between them.
  bool may_touch(const Piece& next) const {
    const std::u32string &a = previous_->last, &b = next.first;
    if (ends_in_elision()) return false;
    if (a == b && !spells(b[0])) return false;
    if (first_cluster(a + b).size() != a.size()) return false;
    return before_mark_ == 0 || previous_->codes.size() > 1 ||
           !joins(before_mark_, previous_->codes[0], next.codes[0], options_);
  }

  TextOptions options_;
  std::string text_;
  std::optional<Piece> previous_;
  bool touches_next_ = false;  // whether the previous word wants to be printed without a blank behind it
  char32_t before_mark_ = 0;   // what precedes the previous word without a blank, or 0
  char32_t quote_ = 0;         // the quotation mark that is open, or 0
};

}  // namespace

std::vector<std::string> words(std::string_view text, const TextOptions& options) {
  const std::u32string codes = normalised(text);
  const std::u32string_view view = codes;
  std::vector<std::string> result;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) result.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t at = 0; at < codes.size();) {
    const char32_t code = codes[at];
    const CharacterKind kind = character_kind(code);
    if (kind == CharacterKind::space) {  // alone: marks behind it, though of its cluster, are text
      end_word();
      ++at;
      continue;
    }
    const std::u32string_view cluster = first_cluster(view.substr(at));
    at += cluster.size();
    const char32_t after = at < codes.size() ? codes[at] : U' ';
    if (stands_alone(code, options)) {
      end_word();
      append(word, cluster);
      end_word();
    } else if (spells(code)) {
      append(word, cluster);
    } else if (cluster == U"'" && is_elision(word) &&
               (in_word(after, options) || character_kind(after) == CharacterKind::space)) {
      word += '\'';
      end_word();
    } else if (!word.empty() && cluster.size() == 1 && joins(codes[at - 2], code, after, options)) {
      append(word, cluster);
    } else {
      end_word();
      append(word, cluster);
      for (; first_cluster(view.substr(at)) == cluster; at += cluster.size()) append(word, cluster);
      end_word();
    }
  }
  end_word();
  return result;
}

TextOptions detect_text_options(std::span<const std::string_view> lines) {
  std::int64_t neighbours = 0, blanks = 0;
  for (const std::string_view line : lines) {
    const std::u32string codes = without_invisible(decode_utf8(line));
    bool after_character = false, after_blank = false;
    for (std::u32string_view rest = codes; !rest.empty(); rest.remove_prefix(first_cluster(rest).size())) {
      const bool blank = character_kind(rest[0]) == CharacterKind::space, character = is_unspaced(rest[0]);
      if (character && after_character) {
        ++neighbours;
        blanks += after_blank;
      }
      after_blank = blank;
      after_character = character || (blank && after_character);
    }
  }
  return {.split_characters = neighbours == 0 || blanks * 8 < neighbours};
}

std::string join_words(const std::vector<std::string>& words, const TextOptions& options) {
  Printer printer(options);
  for (const std::string& word : words) printer.add(word);
  return printer.text();
}

}  // namespace heed::nn
