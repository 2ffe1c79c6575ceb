#include "examples/support/subword_options.h"

#include <fmt/format.h>

#include "examples/support/flags.h"
#include "heed/tensor/error.h"

namespace heed::examples {

void add_subword_flags(Flags& flags, SubwordOptions& options, const std::string& instead) {
  flags.add_number("--subwords", options.pieces, 1, 1'000'000,
                   fmt::format("so many pieces of words, learned from the data, instead of {}", instead));
  flags.add_text("--subword-model", options.model, "FILE", "take the pieces of this SentencePiece model");
}

void check_subword_flags(const Flags& flags) {
  if (flags.given("--subwords") && flags.given("--subword-model"))
    throw FormatError("--subwords and --subword-model both say which pieces: give one of them");
  flags.check_named({"--subword-model"});
}

std::optional<SubwordModel> subword_model(const SubwordOptions& options, const std::vector<std::string>& texts) {
  if (!options.model.empty()) return SubwordModel::read(options.model);
  if (options.pieces == 0) return std::nullopt;
  try {
    return SubwordModel::train(texts, options.pieces);
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("--subwords {}: {}", options.pieces, error.what()));
  }
}

void require_subwords(nn::Checkpoint& run, const SubwordModel* subwords) {
  run.require("subwords", subwords ? subwords->summary() : "none");
}

}  // namespace heed::examples
