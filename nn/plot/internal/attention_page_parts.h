// The parts of an AttentionPage that are the same on every page.
#pragma once

#include <string_view>

namespace heed::nn {

std::string_view attention_page_style();   ///< CSS
std::string_view attention_page_body();    ///< HTML, behind the title
std::string_view attention_page_script();  ///< JavaScript, which reads the JSON of the element "data"

}  // namespace heed::nn
