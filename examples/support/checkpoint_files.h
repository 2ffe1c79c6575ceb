// Where a program keeps the checkpoints of its training, and which one it goes on from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "examples/support/flags.h"
#include "heed/nn/train/checkpoint.h"

namespace heed::examples {

/// The newest checkpoint in --out, and the one before it.
inline constexpr const char *checkpoint_name = "checkpoint.safetensors",
                            *previous_checkpoint_name = "checkpoint-before.safetensors";

struct CheckpointFlags {
  std::string resume;      ///< empty: from the beginning; "auto": from the newest one in --out; else a file
  std::int64_t every = 0;  ///< steps; 0: with every validation
};

/// Adds --resume [PATH] and --ckpt-every.
void add_checkpoint_flags(Flags& flags, CheckpointFlags& o);

/// The checkpoints of one training in one folder.
struct CheckpointFiles {
  std::filesystem::path folder;
  CheckpointFlags flags = {};

  /// Writes a checkpoint; the newest one until now becomes the one before it, unless resume() has found it damaged.
  void save(const nn::Checkpoint& run);

  /// Loads what --resume asks for and says so in the result: "goes on from FILE". Empty when there is nothing to go on
  /// from: without --resume, or with "auto" and no checkpoint. "auto" goes back to the checkpoint before where the
  /// newest one cannot be used, and names the reason. FormatError, IoError.
  std::string resume(nn::Checkpoint& run);

  bool newest_is_damaged = false;
};

}  // namespace heed::examples
