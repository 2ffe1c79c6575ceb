// The rules of CONTRIBUTING.md as functions over source text: tests hand them heed's own files, and made-up ones that
// break a rule.
#pragma once

#include <string>
#include <vector>

namespace heed::rules {

struct File {
  std::string path;  ///< from the repository's root, with /
  std::string text;
};

/// The files of these folders of the repository, at any depth, whose names end in one of `endings`; sorted by path.
std::vector<File> read_files(const std::vector<std::string>& folders, const std::vector<std::string>& endings);

/// One file of the repository.
File read_file(const std::string& path);

/// Headers and sources of tensor/, autograd/, nn/ and models/.
std::vector<File> read_library();

// Each of the following returns one sentence per broken rule, nothing when all is well.

/// Includes point one way: std <- tensor/kernels <- tensor <- autograd <- nn <- models <- heed.h <- examples;
/// nn/attention and nn/rnn do not know each other; a dependency is named in its one file, and in no public header.
std::vector<std::string> wrong_includes(const std::vector<File>& files);

/// A source file first includes the header of its own name, which proves that the header is complete.
std::vector<std::string> late_own_headers(const std::vector<File>& files);

/// The umbrella of a folder (nn.h of nn/) includes every public header of it: all but tensor/kernels, internal folders,
/// *-inl.h, and those that say "Not part of the public interface".
std::vector<std::string> missing_from_umbrella(const std::vector<File>& files, const File& umbrella);

/// No file has more than `limit` lines.
std::vector<std::string> long_files(const std::vector<File>& files, std::size_t limit);

/// Not a rule: where the files define macros.
std::vector<std::string> macros(const std::vector<File>& files);

}  // namespace heed::rules
