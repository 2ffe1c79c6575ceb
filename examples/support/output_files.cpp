#include "examples/support/output_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "examples/support/attention_file.h"
#include "examples/support/checkpoint_files.h"
#include "examples/support/distinct_files.h"
#include "examples/support/json_report.h"
#include "examples/support/write_file.h"
#include "heed/nn/plot/svg.h"
#include "heed/tensor/error.h"

namespace heed::examples {

namespace fs = std::filesystem;

namespace {

using Check = std::function<void(const fs::path&)>;

void check_checkpoint(const fs::path& path) { nn::Checkpoint::check_replaceable(path.string()); }

// A folder of data must stay what it is: what is written into it would be read as data by the next run.
void check_outside(const std::string& data, const std::vector<NamedFile>& outputs) {
  std::error_code unknown;
  if (data.empty() || !fs::is_directory(data, unknown)) return;
  const fs::path folder = fs::weakly_canonical(data, unknown);
  for (const NamedFile& output : outputs) {
    const fs::path path = fs::weakly_canonical(output.path, unknown);
    if (std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end())
      throw FormatError(fmt::format("{} is in the folder --data {}", output.name, data));
  }
}

}  // namespace

void check_output_files(const TrainOptions& options, const OutputFiles& files) {
  std::vector<NamedFile> inputs, outputs;
  const fs::path out = options.out;
  std::error_code unknown;
  if (!options.data.empty() && !fs::is_directory(options.data, unknown))
    inputs.push_back({"--data " + options.data, options.data});
  if (!files.subword_model.empty()) inputs.push_back({"--subword-model " + files.subword_model, files.subword_model});
  std::vector<std::string> checkpoints;
  if (files.checkpoints) checkpoints = {checkpoint_name, previous_checkpoint_name};
  for (const auto& names : {files.models, files.pictures, checkpoints})
    for (const std::string& name : names)
      outputs.push_back({fmt::format("{} of --out {}", name, options.out), out / name});
  // The two checkpoints are one file where a program was killed while it wrote the newer one.
  if (files.checkpoints && fs::equivalent(out / checkpoint_name, out / previous_checkpoint_name, unknown))
    outputs.pop_back();
  list_attention_file(files.attention, outputs);
  if (!options.json.empty()) outputs.push_back({"--json " + options.json, options.json});
  if (!options.log.json_lines.empty()) outputs.push_back({"--log " + options.log.json_lines, options.log.json_lines});
  if (!options.checkpoints.resume.empty() && options.checkpoints.resume != "auto")
    check_distinct({{"--resume " + options.checkpoints.resume, options.checkpoints.resume}},
                   {outputs.begin() +
                        static_cast<std::ptrdiff_t>(files.models.size() + files.pictures.size() + checkpoints.size()),
                    outputs.end()});
  check_distinct(inputs, outputs);
  check_outside(options.data, outputs);
  std::error_code reason;
  fs::create_directories(out, reason);
  if (reason) throw IoError(fmt::format("{}: cannot be a folder for results: {}", options.out, reason.message()));
  for (const NamedFile& output : outputs) check_writable(output.path);
  if (!options.json.empty()) check_replaceable_report(options.json);
  check_attention_file(files.attention);
  for (const std::string& name : files.pictures)
    if (is_replaced(out / name)) nn::check_replaceable_picture(out / name);
  for (const auto& [names, check] :
       {std::pair(files.models, files.check_model), std::pair(checkpoints, Check(check_checkpoint))})
    for (const std::string& name : names) {
      if (!is_replaced(out / name)) throw IoError(fmt::format("{}: not a regular file", (out / name).string()));
      check(out / name);
    }
}

}  // namespace heed::examples
