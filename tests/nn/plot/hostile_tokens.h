// Tokens that try to be something else: markup, another direction, a control character, half a character, a book.
#pragma once

#include <string>
#include <vector>

namespace heed::test {

inline std::vector<std::string> hostile_tokens() {
  std::vector<std::string> tokens{"</script><script>document.title='run'</script>",
                                  "<img src=x onerror=\"document.title='run'\">",
                                  "\" onmouseover=\"document.title='run'",
                                  "\" onmouseover=\"x",
                                  "<s>",
                                  "&amp;",
                                  "a'b",
                                  "<!--<script>",
                                  "]]>",
                                  "\\u003c\\",
                                  "\u202Eevil\u202C",
                                  "שלום",
                                  "العربية",
                                  "👨‍👩‍👧",
                                  "e\u0301\u0301\u0301",
                                  "\u2028\u2029\uFEFF",
                                  "\uFFFE\uFFFF",
                                  "\x01\x1B[2J\r\n\t\x7F",
                                  "\xFF\xC0half",
                                  " ",
                                  "",
                                  "__proto__",
                                  "猫"};
  tokens.emplace_back(std::string("nul\0inside", 10));
  tokens.push_back(std::string(10'000, 'w'));
  return tokens;
}

}  // namespace heed::test
