#include "examples/support/checkpoint_files.h"

#include <fmt/format.h>

#include <exception>

#include "examples/support/flags.h"
#include "examples/support/write_file.h"

namespace heed::examples {

namespace fs = std::filesystem;

void add_checkpoint_flags(CLI::App& app, CheckpointFlags& flags) {
  app.add_option("--resume", flags.resume, "go on from a checkpoint: the newest in --out, or FILE")
      ->expected(0, 1)
      ->default_str("auto")
      ->type_name("[FILE]");
  add_number(app, "--ckpt-every", flags.every, std::int64_t{1}, std::int64_t{1'000'000'000},
             "steps between checkpoints (default: with every validation)");
}

void CheckpointFiles::save(const nn::Checkpoint& run) const {
  run.save(behind_links(folder / checkpoint_name).string(), behind_links(folder / previous_checkpoint_name).string());
}

std::string CheckpointFiles::resume(nn::Checkpoint& run) const {
  if (flags.resume.empty()) return "";
  if (flags.resume != "auto") {
    run.load(flags.resume);
    return "goes on from " + flags.resume;
  }
  const std::string newest = (folder / checkpoint_name).string(), older = (folder / previous_checkpoint_name).string();
  const auto exists = [](const std::string& path) {
    std::error_code unknown;  // then loading tells
    return fs::exists(path, unknown) || unknown;
  };
  if (!exists(newest) && !exists(older)) return "";
  try {
    run.load(newest);
    return "goes on from " + newest;
  } catch (const Error& error) {
    const std::exception_ptr reason = std::current_exception();
    if (!exists(older)) throw;
    try {
      run.load(older);
    } catch (const Error&) {
      std::rethrow_exception(reason);
    }
    return fmt::format("goes on from {}, because of {}", older, error.what());
  }
}

}  // namespace heed::examples
