#include "examples/support/output_files.h"

#include <fmt/format.h>

#include "examples/support/distinct_files.h"
#include "examples/support/write_file.h"
#include "heed/nn/plot/svg.h"
#include "heed/tensor/error.h"

namespace heed::examples {

namespace fs = std::filesystem;

void check_output_files(const OutputFiles& files) {
  std::vector<NamedFile> inputs, outputs;
  const fs::path out = files.out;
  if (!files.data.empty()) inputs.push_back({"--data " + files.data, files.data});
  for (const auto& names : {files.models, files.pictures})
    for (const std::string& name : names)
      outputs.push_back({fmt::format("{} of --out {}", name, files.out), out / name});
  if (!files.json.empty()) outputs.push_back({"--json " + files.json, files.json});
  check_distinct(inputs, outputs);
  std::error_code reason;
  fs::create_directories(out, reason);
  if (reason) throw IoError(fmt::format("{}: cannot be a folder for results: {}", files.out, reason.message()));
  for (const NamedFile& output : outputs) check_writable(output.path);
  for (const std::string& name : files.pictures)
    if (is_replaced(out / name)) nn::check_replaceable_picture(out / name);
  for (const std::string& name : files.models) {
    if (!is_replaced(out / name)) throw IoError(fmt::format("{}: not a regular file", (out / name).string()));
    files.check_model(out / name);
  }
}

}  // namespace heed::examples
