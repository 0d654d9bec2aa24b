// Where the sources cite rows of the catalogue.
//
// A comment or a string that names a row says that the code beside it is about that row. Cited in
// the rooms that make up the laboratory, a row is implemented there, with two exceptions that are
// told apart: a setting that is only carried or refused so far (tables of settings in
// models/config, and what refuse_unsupported() says), and the tests. Programs for people (cli, this
// room) name rows as examples only and do not count.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/catalogue/catalogue.hpp"

namespace elblab::catalogue {

enum class Citing : std::uint8_t {
  code,     // acts as the row says, shows it or explains it
  setting,  // knows it as a setting on which nothing acts yet
  test,
  text,  // talks about it: scenarios, documents, programs for people
};

struct Citation {
  const Row* row = nullptr;  // of the catalogue that was given
  Citing by = Citing::text;
  std::string file;  // from the top of the tree, with '/'
  int line = 0;
};

// A name of a family that the catalogue has, but no row of it and no scenario.
struct UnknownCitation {
  std::string id;  // as it stands there, ranges whole
  std::string file;
  int line = 0;
};

struct Citations {
  std::vector<Citation> found;  // in order of file and line; each row once for each line
  std::vector<UnknownCitation> unknown;
};

// What a file of the tree counts as; by its name alone.
Citing citing_by(std::string_view file);

// Adds what one file cites. `file` is its name from the top of the tree, `also_known` are ids of
// scenarios that are no rows. O(bytes).
void add_citations(const std::string& file, std::string_view text, const Catalogue& catalogue,
                   const std::vector<std::string>& also_known, Citations& citations);

// Reads the C++ sources, scenarios and written documents below `top`; build folders, the pages
// and the tests of what takes names of rows are left out. Empty when there is no source tree.
Citations citations_below(const std::filesystem::path& top, const Catalogue& catalogue,
                          const std::vector<std::string>& also_known);
// Whether a folder is the top of a source tree of elblab.
bool is_source_tree(const std::filesystem::path& top);

}  // namespace elblab::catalogue
