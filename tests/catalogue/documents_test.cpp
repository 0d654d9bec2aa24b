// docs/catalogue is what the catalogue, the sources and the scenarios say.
//
// To write the pages anew: ELBLAB_WRITE_DOCUMENTS=1 <this program> --run_test=documents
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "scenarios/catalogue/pages.hpp"
#include "tests/catalogue/source_tree.hpp"

namespace elblab::catalogue::test {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(ELBLAB_SOURCE_DIR) / "docs/catalogue";

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Line of the first difference, from 1.
std::size_t differing_line(const std::string& a, const std::string& b) {
  std::size_t line = 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()) && a[i] == b[i]; ++i) {
    line += a[i] == '\n' ? 1 : 0;
  }
  return line;
}

// Targets of the links "](...)" of a page, but those to other sites.
std::set<std::string> links_of(const std::string& page) {
  std::set<std::string> links;
  for (std::size_t at = page.find("]("); at != std::string::npos; at = page.find("](", at + 1)) {
    const std::string target = page.substr(at + 2, page.find(')', at) - at - 2);
    if (target.find("://") == std::string::npos) links.insert(target);
  }
  return links;
}

// A page in `folder`: its links lead to files that exist and, within the catalogue, to rows.
void check_links(const fs::path& folder, const std::string& name, const std::string& text) {
  for (const std::string& link : links_of(text)) {
    const std::size_t mark = link.find('#');
    const fs::path target = folder / (mark == 0 ? name : link.substr(0, mark));
    BOOST_TEST(fs::exists(target), name << " leads to " << link);
    if (mark == std::string::npos || !fs::equivalent(target.parent_path(), kFolder)) continue;
    const std::string anchor = "id=\"" + link.substr(mark + 1) + "\"";
    BOOST_TEST(text_of(target).find(anchor) != std::string::npos, name << " leads to " << link);
  }
}

BOOST_AUTO_TEST_SUITE(documents)

BOOST_AUTO_TEST_CASE(are_what_is_written_from_the_sources) {
  const auto written = pages(coverage_of_the_sources());
  if (std::getenv("ELBLAB_WRITE_DOCUMENTS") != nullptr) {
    for (const auto& [name, text] : written) {
      std::ofstream(kFolder / name, std::ios::binary) << text;
    }
  }
  for (const auto& [name, text] : written) {
    const std::string committed = text_of(kFolder / name);
    BOOST_TEST((committed == text),
               "docs/catalogue/" << name << ":" << differing_line(committed, text)
                                 << ": differs from the sources; write it anew with "
                                    "ELBLAB_WRITE_DOCUMENTS=1 test_catalogue --run_test=documents");
  }
}

BOOST_AUTO_TEST_CASE(hold_no_page_of_an_area_that_is_gone) {
  const auto written = pages(coverage_of_the_sources());
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    const fs::path& path = entry.path();
    const bool is_known = path.extension() != ".md" || written.contains(path.filename().string());
    BOOST_TEST(is_known, path.string() << " belongs to no area");
    if (path.extension() != ".yaml" || path.stem() == "questions") continue;
    BOOST_TEST(Catalogue::built_in().area(path.stem().string()) != nullptr,
               path.string() << " is not in the program; scenarios/catalogue/CMakeLists.txt lists "
                                "the areas");
  }
}

BOOST_AUTO_TEST_CASE(lead_to_files_and_rows_that_exist) {
  for (const auto& [name, text] : pages(coverage_of_the_sources()))
    check_links(kFolder, name, text);
  for (const auto& entry : fs::directory_iterator(kFolder.parent_path())) {
    if (entry.path().extension() != ".md") continue;
    check_links(kFolder.parent_path(), entry.path().filename().string(), text_of(entry.path()));
  }
  check_links(ELBLAB_SOURCE_DIR, "README.md", text_of(fs::path(ELBLAB_SOURCE_DIR) / "README.md"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::catalogue::test
