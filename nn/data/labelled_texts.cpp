#include "heed/nn/data/labelled_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>

#include "heed/nn/data/internal/visible.h"
#include "heed/nn/data/utf8.h"
#include "heed/nn/train/terminal.h"
#include "heed/tensor/error.h"
#include "heed/tensor/io/file.h"

namespace heed::nn {
namespace {

namespace fs = std::filesystem;

std::string in_quotes(std::string_view text) { return "'" + shortened(text, 40) + "'"; }

std::string counted(std::int64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

/// Gathers examples; at the end the labels get their numbers and what was seen its sentence.
class Gatherer {
 public:
  Gatherer(std::string name, const LabelledLimits& limits) : name_(std::move(name)), limits_(limits) {}

  void add(const std::string& where, std::string_view label, std::string_view text) {
    if (static_cast<std::int64_t>(texts_.size()) >= limits_.max_texts)
      throw FormatError(fmt::format("{}: more than {} texts", where, limits_.max_texts));
    labels_.push_back(&*label_number(where, label));
    marks_ += byte_order_marks(text);
    texts_.emplace_back(text);
  }

  void drop(const std::string& kinds) { ++dropped_[kinds]; }

  LabelledTexts finish() {
    if (texts_.empty()) throw FormatError(fmt::format("{}: no labelled texts", name_));
    LabelledTexts result;
    std::map<const std::string*, std::int64_t> numbers;
    for (const std::string& label : known_) {
      numbers.emplace(&label, static_cast<std::int64_t>(result.names.size()));
      result.names.push_back(label);
    }
    for (const std::string* label : labels_) result.labels.push_back(numbers.at(label));
    result.texts = std::move(texts_);
    result.summary = summary(result);
    return result;
  }

 private:
  std::set<std::string, std::less<>>::const_iterator label_number(const std::string& where, std::string_view label) {
    const auto found = known_.find(label);
    if (found != known_.end()) return found;
    if (has_control(label))
      throw FormatError(fmt::format("{}: the label {} has a control character", where, in_quotes(label)));
    if (static_cast<std::int64_t>(known_.size()) >= limits_.max_labels)
      throw FormatError(
          fmt::format("{}: more than {} labels: {} is one too many", where, limits_.max_labels, in_quotes(label)));
    return known_.emplace(label).first;
  }

  std::string summary(const LabelledTexts& result) const {
    std::string text = fmt::format("{}: read and kept {} of {}", name_, counted(result.size(), "text", "texts"),
                                   counted(static_cast<std::int64_t>(result.names.size()), "label", "labels"));
    std::string_view before = "; dropped ";
    for (const auto& [kinds, count] : dropped_) {
      text += fmt::format("{}{} {}", before, count, kinds);
      before = ", ";
    }
    if (dropped_.empty()) text += "; dropped nothing";
    if (marks_ > 0)
      text += fmt::format("; kept {} within texts",
                          counted(marks_, "byte-order mark (U+FEFF)", "byte-order marks (U+FEFF)"));
    return text;
  }

  std::string name_;
  const LabelledLimits& limits_;
  std::set<std::string, std::less<>> known_;  // whose order is bytewise
  std::vector<std::string> texts_;
  std::vector<const std::string*> labels_;  // elements of known_
  std::map<std::string, std::int64_t> dropped_;
  std::int64_t marks_ = 0;
};

constexpr std::string_view blank_lines = "blank lines";

/// Takes lines of label and text.
class LabelledLines {
 public:
  LabelledLines(const std::string& name, const LabelledLimits& limits) : name_(name), gatherer_(name, limits) {}

  bool take(std::int64_t number, std::string_view line) {
    if (visible_part(line).empty() && line.find('\t') == line.npos) {
      gatherer_.drop(std::string(blank_lines));
      return true;
    }
    const std::string where = fmt::format("{}:{}", name_, number);
    if (separator_ == 0) separator_ = line.find('\t') == line.npos ? ' ' : '\t';
    if (separator_ == ' ') line = visible_part(line);
    const std::size_t end = line.find(separator_);
    const bool tab = separator_ == '\t';
    if (end == line.npos)
      throw FormatError(fmt::format("{}: expected a label, {}, a text", where, tab ? "a tab" : "a blank"));
    const std::string_view label = visible_part(line.substr(0, end)), text = visible_part(line.substr(end + 1));
    if (label.empty() || text.empty())
      throw FormatError(fmt::format("{}: the {} is empty", where, label.empty() ? "label" : "text"));
    gatherer_.add(where, label, text);
    return true;
  }

  LabelledTexts finish() { return gatherer_.finish(); }

 private:
  std::string name_;
  Gatherer gatherer_;
  char separator_ = 0;  // not known yet
};

std::vector<std::string> visible_lines(const std::string& path, const LabelledLimits& limits) {
  std::vector<std::string> lines;
  read_lines(path, limits.lines, [&](std::int64_t number, std::string_view line) {
    if (static_cast<std::int64_t>(lines.size()) >= limits.max_texts)
      throw FormatError(fmt::format("{}:{}: more than {} lines", path, number, limits.max_texts));
    lines.emplace_back(visible_part(line));
    return true;
  });
  return lines;
}

/// The names of what a folder holds, in bytewise order.
std::vector<std::string> names_in(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    names.push_back(entry->path().filename().string());
  if (error) throw IoError(fmt::format("{}: cannot read the folder: {}", printable(folder), error.message()));
  std::ranges::sort(names);
  return names;
}

/// What `path` is; a link is what it is itself.
fs::file_type kind_of(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (error) throw IoError(fmt::format("{}: cannot be looked at: {}", printable(path), error.message()));
  return status.type();
}

/// The lines of a file as one text.
std::string read_text(const std::string& path, const LineLimits& limits) {
  const std::vector<std::byte> bytes = read_file(path, static_cast<std::uint64_t>(limits.max_file_bytes));
  std::string text;
  parse_lines({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, printable(path), limits,
              [&](std::int64_t, std::string_view line) {
                text.append(line) += '\n';
                return true;
              });
  return text;
}

void read_label_folder(const std::string& folder, const std::string& label, const LabelledLimits& limits,
                       Gatherer& gatherer) {
  for (const std::string& name : names_in(folder)) {
    const std::string path = folder + "/" + name;
    const fs::file_type kind = kind_of(path);
    if (kind == fs::file_type::symlink)
      gatherer.drop("symbolic links");
    else if (name.starts_with('.'))
      gatherer.drop("hidden entries");
    else if (kind != fs::file_type::regular)
      gatherer.drop("entries that are no files");
    else if (const std::string text = read_text(path, limits.lines); visible_part(text).empty())
      gatherer.drop("blank files");
    else
      gatherer.add(printable(path), label, visible_part(text));
  }
}

}  // namespace

void LabelledTexts::use_names(const std::vector<std::string>& known) {
  std::map<std::string_view, std::int64_t> known_numbers;
  for (const std::string& name : known) known_numbers.emplace(name, static_cast<std::int64_t>(known_numbers.size()));
  std::vector<std::int64_t> numbers;  // of our names
  for (const std::string& name : names) {
    const auto found = known_numbers.find(name);
    if (found == known_numbers.end())
      throw FormatError(fmt::format("labels: {} is none of the {} that are known", in_quotes(name), known.size()));
    numbers.push_back(found->second);
  }
  std::vector<std::string> next = known;  // the last that may run out of memory
  for (std::int64_t& label : labels) label = numbers[static_cast<std::size_t>(label)];
  names = std::move(next);
}

LabelledTexts read_labelled_lines(const std::string& path, const LabelledLimits& limits) {
  LabelledLines lines(path, limits);
  read_lines(path, limits.lines, [&](std::int64_t number, std::string_view line) { return lines.take(number, line); });
  return lines.finish();
}

LabelledTexts parse_labelled_lines(std::string_view bytes, const std::string& name, const LabelledLimits& limits) {
  LabelledLines lines(name, limits);
  parse_lines(bytes, name, limits.lines,
              [&](std::int64_t number, std::string_view line) { return lines.take(number, line); });
  return lines.finish();
}

LabelledTexts read_text_and_label_lines(const std::string& texts, const std::string& labels,
                                        const LabelledLimits& limits) {
  const std::vector<std::string> text_lines = visible_lines(texts, limits), label_lines = visible_lines(labels, limits);
  if (text_lines.size() != label_lines.size())
    throw FormatError(fmt::format("{} has {} lines, {} has {}: a text and its label stand on the same line", texts,
                                  text_lines.size(), labels, label_lines.size()));
  Gatherer gatherer(texts, limits);
  for (std::size_t i = 0; i < text_lines.size(); ++i) {
    const bool no_text = text_lines[i].empty();
    if (no_text || label_lines[i].empty())
      throw FormatError(fmt::format("{}:{}: the line is blank", no_text ? texts : labels, i + 1));
    gatherer.add(fmt::format("{}:{}", labels, i + 1), label_lines[i], text_lines[i]);
  }
  return gatherer.finish();
}

LabelledTexts read_label_files(const std::vector<std::pair<std::string, std::string>>& labels_and_paths,
                               const LabelledLimits& limits) {
  std::string name;
  std::set<std::string> labels;
  for (const auto& [label, path] : labels_and_paths) {
    if (!labels.insert(label).second)
      throw Error(fmt::format("read_label_files: two files for the label {}", in_quotes(label)));
    name += (name.empty() ? "" : ", ") + path;
  }
  Gatherer gatherer(name, limits);
  for (const auto& [label, path] : labels_and_paths)
    read_lines(path, limits.lines, [&](std::int64_t number, std::string_view line) {
      const std::string_view text = visible_part(line);
      if (text.empty())
        gatherer.drop(std::string(blank_lines));
      else
        gatherer.add(fmt::format("{}:{}", path, number), label, text);
      return true;
    });
  return gatherer.finish();
}

LabelledTexts read_labelled_folders(const std::string& root, const LabelledLimits& limits) {
  Gatherer gatherer(root, limits);
  for (const std::string& name : names_in(root)) {
    const std::string path = root + "/" + name;
    const fs::file_type kind = kind_of(path);
    if (kind == fs::file_type::symlink) {
      gatherer.drop("symbolic links");
    } else if (name.starts_with('.')) {
      gatherer.drop("hidden entries");
    } else if (kind != fs::file_type::directory) {
      gatherer.drop("entries that are no folders");
    } else {
      if (first_invalid_utf8(name) != std::string_view::npos || has_control(name))
        throw FormatError(
            fmt::format("{}: the folder's name is no label: not UTF-8, or a control character in it", printable(path)));
      read_label_folder(path, name, limits, gatherer);
    }
  }
  return gatherer.finish();
}

}  // namespace heed::nn
