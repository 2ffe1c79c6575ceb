#include "examples/support/checkpoint_files.h"

#include <fmt/format.h>

#include <exception>

#include "examples/support/flags.h"
#include "examples/support/write_file.h"

namespace heed::examples {

namespace fs = std::filesystem;

void add_checkpoint_flags(Flags& flags, CheckpointFlags& o) {
  flags.add_text_or("auto", "--resume", o.resume, "[FILE]", "go on from a checkpoint: the newest in --out, or FILE");
  flags.add_number("--ckpt-every", o.every, 1, 1'000'000'000,
                   "steps between checkpoints (default: with every validation)");
}

void CheckpointFiles::save(const nn::Checkpoint& run) {
  const fs::path newest = behind_links(folder / checkpoint_name);
  run.save(newest.string(), newest_is_damaged ? "" : previous_checkpoint_name);
  newest_is_damaged = false;
}

std::string CheckpointFiles::resume(nn::Checkpoint& run) {
  if (flags.resume.empty()) return "";
  const auto load = [&](const std::string& path) {
    run.load(path);
    return "goes on from " + path + (run.different_remarks().empty() ? "" : " (" + run.different_remarks() + ")");
  };
  if (flags.resume != "auto") return load(flags.resume);
  const fs::path target = behind_links(folder / checkpoint_name);
  const std::string newest = (folder / checkpoint_name).string();
  const std::string older = (target == folder / checkpoint_name ? folder / previous_checkpoint_name
                                                                : target.parent_path() / previous_checkpoint_name)
                                .string();
  const auto exists = [](const std::string& path) {
    std::error_code unknown;  // then loading tells
    return fs::exists(path, unknown) || unknown;
  };
  if (!exists(newest) && !exists(older)) return "";
  try {
    return load(newest);
  } catch (const Error& error) {
    const std::exception_ptr reason = std::current_exception();
    if (!exists(older)) throw;
    try {
      const std::string loaded = load(older);
      newest_is_damaged = true;
      return fmt::format("{}, because of {}", loaded, error.what());
    } catch (const Error&) {
      std::rethrow_exception(reason);
    }
  }
}

}  // namespace heed::examples
