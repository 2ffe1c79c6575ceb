// What a program's output goes to: a terminal somebody watches, or a file or pipe; and how wide text is there. Only
// inspect_terminal() asks the system: what draws takes the Terminal it is given.
#pragma once

#include <string>
#include <string_view>

namespace heed::nn {

struct Terminal {            // the defaults are a plain file
  bool interactive = false;  ///< a line can be drawn again
  bool colour = false;       ///< colour escapes are welcome
  bool utf8 = false;         ///< characters beyond ASCII come out right
  int width = 80;            ///< columns
};

/// Asks the system about file descriptor 1 (stdout) or 2 (stderr), and the environment:
///   interactive  a terminal, unless TERM is "dumb" or CI is set
///   colour       interactive or CLICOLOR_FORCE set to other than 0, unless NO_COLOR is set (no-color.org)
///   utf8         the first set one of LC_ALL, LC_CTYPE, LANG names UTF-8
///   width        of the terminal, 80 when it does not say
Terminal inspect_terminal(int file_descriptor);

/// The columns `text` takes, the sum over its grapheme clusters (grapheme_width in nn/data/unicode.h): 2 for an East
/// Asian wide character or an emoji however many code points it has, 0 for combining marks, mostly 1.
int display_width(std::string_view text);

/// `text` with control characters and bytes that are not UTF-8 replaced by U+FFFD: text from files can then neither
/// move the cursor nor break a picture.
std::string printable(std::string_view text);

/// printable(text), cut to at most `columns` columns, whole grapheme clusters only; what was cut is shown by an
/// ellipsis ("…", or "~" without utf8).
std::string shortened(std::string_view text, int columns, bool utf8 = true);

}  // namespace heed::nn
