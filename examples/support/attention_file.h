// --attention FILE: where a program's model looked, as a page for the browser (nn/plot/attention_page.h).
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "examples/support/distinct_files.h"
#include "examples/support/flags.h"
#include "heed/nn/plot/attention_page.h"

namespace heed::examples {

void add_attention_flag(Flags& flags, std::string& file);

/// Adds the file to those that a program writes, where the flag is given.
void list_attention_file(const std::string& file, std::vector<NamedFile>& outputs);

/// FormatError where the page would replace something that is no picture of heed's; nothing without the flag. To be
/// asked before work that takes minutes.
void check_attention_file(const std::string& file);

/// Writes the page and says so; nothing without the flag, or without a map.
void write_attention_file(const std::string& file, const nn::AttentionPage& page, std::ostream& notice);

}  // namespace heed::examples
