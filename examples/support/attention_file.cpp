#include "examples/support/attention_file.h"

#include <fmt/format.h>

#include "examples/support/write_file.h"
#include "heed/nn/plot/svg.h"
#include "heed/nn/train/terminal.h"

namespace heed::examples {

void add_attention_flag(Flags& flags, std::string& file) {
  flags.add_text("--attention", file, "FILE.html", "write where the model looked to FILE, a page for the browser");
}

void list_attention_file(const std::string& file, std::vector<NamedFile>& outputs) {
  if (!file.empty()) outputs.push_back({"--attention " + file, file});
}

void check_attention_file(const std::string& file) {
  if (!file.empty() && is_replaced(file)) nn::check_replaceable_picture(file, "--attention");
}

void write_attention_file(const std::string& file, const nn::AttentionPage& page, std::ostream& notice) {
  if (file.empty() || page.maps.empty()) return;
  write_file(file, nn::attention_page(page));
  notice << fmt::format("wrote {}\n", nn::printable(file)) << std::flush;
}

}  // namespace heed::examples
