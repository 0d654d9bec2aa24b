#include "scenarios/catalogue/citations.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <system_error>

namespace elblab::catalogue {
namespace {

namespace fs = std::filesystem;

// Where code acts on what it cites.
constexpr std::array<std::string_view, 9> kRooms{"models/",
                                                 "analysis/",
                                                 "pcap/",
                                                 "worlds/",
                                                 "sim/",
                                                 "live/",
                                                 "gui/",
                                                 "scenarios/language/",
                                                 "scenarios/random/"};
// Tables of settings: a row that only they cite has a place in a file, and nothing acts on it.
constexpr std::array<std::string_view, 3> kSettings{"models/config/profile.",
                                                    "models/config/load_balancer.hpp",
                                                    "models/config/health_check_rules."};
// How the validation says that a setting is understood and does nothing yet.
constexpr std::string_view kRefusal = "refuse_unsupported(";
// What is read below the top of the tree.
constexpr std::array<std::string_view, 12> kFolders{"models", "analysis", "pcap",  "worlds",
                                                    "sim",    "live",     "gui",   "scenarios",
                                                    "cli",    "tests",    "bench", "docs"};

bool starts_with_one_of(std::string_view text, const auto& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view beginning) { return text.starts_with(beginning); });
}

bool is_cpp(std::string_view file) { return file.ends_with(".cpp") || file.ends_with(".hpp"); }

// The pages are made of this; tests of what takes names of rows tell of some that do not exist.
constexpr std::array<std::string_view, 3> kPassedOver{"docs/catalogue/", "tests/catalogue/",
                                                      "tests/cli/"};

bool is_read(std::string_view file) {
  if (starts_with_one_of(file, kPassedOver)) return false;
  return is_cpp(file) || file.ends_with(".elb.yaml") || file.ends_with(".md");
}

std::string text_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Sorted, so that the order of a folder decides nothing.
std::vector<fs::path> files_of(const fs::path& top) {
  std::vector<fs::path> files;
  for (const std::string_view folder : kFolders) {
    std::error_code error;
    fs::recursive_directory_iterator it(top / folder, error);
    while (!error && it != fs::recursive_directory_iterator()) {
      std::error_code ignored;
      const bool is_file = it->is_regular_file(ignored);
      if (is_file && is_read(fs::relative(it->path(), top).generic_string())) {
        files.push_back(it->path());
      }
      it.increment(error);
    }
  }
  files.push_back(top / "README.md");
  std::sort(files.begin(), files.end());
  return files;
}

// Statements that refuse a setting may go over several lines.
class RefusalWatch {
 public:
  // Whether the line is, or goes on with, a refusal.
  bool sees(std::string_view line) {
    const bool begins = line.find(kRefusal) != std::string_view::npos;
    const bool within = begins || open_;
    open_ = within && line.find(';') == std::string_view::npos;
    return within;
  }

 private:
  bool open_ = false;
};

}  // namespace

Citing citing_by(std::string_view file) {
  if (!is_cpp(file)) return Citing::text;
  if (file.starts_with("tests/")) return Citing::test;
  if (starts_with_one_of(file, kSettings)) return Citing::setting;
  return starts_with_one_of(file, kRooms) ? Citing::code : Citing::text;
}

void add_citations(const std::string& file, std::string_view text, const Catalogue& catalogue,
                   const std::vector<std::string>& also_known, Citations& citations) {
  const Citing by = citing_by(file);
  RefusalWatch refusal;
  int number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const bool refuses = by == Citing::code && refusal.sees(line);
    for (const Mention& mention : mentions_in(line)) {
      if (!catalogue.has_family_of(mention.first)) continue;
      const auto rows = catalogue.rows_of(mention);
      for (const Row* row : rows) {
        citations.found.push_back({row, refuses ? Citing::setting : by, file, number});
      }
      const std::string id(line.substr(mention.offset, mention.length));
      const bool is_known = std::find(also_known.begin(), also_known.end(), id) != also_known.end();
      if (rows.empty() && !is_known) citations.unknown.push_back({id, file, number});
    }
  }
}

Citations citations_below(const fs::path& top, const Catalogue& catalogue,
                          const std::vector<std::string>& also_known) {
  Citations citations;
  if (!is_source_tree(top)) return citations;
  for (const fs::path& file : files_of(top)) {
    add_citations(fs::relative(file, top).generic_string(), text_of(file), catalogue, also_known,
                  citations);
  }
  return citations;
}

bool is_source_tree(const fs::path& top) {
  std::error_code error;
  return fs::is_regular_file(top / "scenarios/catalogue/citations.cpp", error) &&
         fs::is_directory(top / "models", error);
}

}  // namespace elblab::catalogue
