#include "examples/support/subword_options.h"

#include <fmt/format.h>

#include "examples/support/flags.h"

namespace heed::examples {

void add_subword_flags(CLI::App& app, SubwordOptions& options, const std::string& instead) {
  add_number(app, "--subwords", options.pieces, std::int64_t{1}, std::int64_t{1'000'000},
             fmt::format("so many pieces of words, learned from the data, instead of {}", instead));
  app.add_option("--subword-model", options.model, "take the pieces of this SentencePiece model")->type_name("FILE");
}

void check_subword_flags(const CLI::App& app) {
  if (app.count("--subwords") > 0 && app.count("--subword-model") > 0)
    throw FormatError("--subwords and --subword-model both say which pieces: give one of them");
  if (app.count("--subword-model") > 0 && app.get_option("--subword-model")->as<std::string>().empty())
    throw FormatError("--subword-model: no name");
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
