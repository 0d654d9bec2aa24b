// docs/metrics.md is the table of metric views.
//
// To write it anew: ELBLAB_WRITE_DOCUMENTS=1 <this program>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "analysis/trace/metric_views.hpp"

namespace elblab::metrics::test {
namespace {

std::string section(const trace::MetricView& view) {
  std::string text = "\n## `" + std::string(view.name) + "`\n\n" + std::string(view.what) + ".\n";
  if (!view.note.empty()) text += "\n" + std::string(view.note) + "\n";
  text += "\n| column | unit | what it says |\n|---|---|---|\n";
  for (const auto& column : view.columns) {
    const std::string unit = column.unit.empty() ? "name" : std::string(column.unit);
    text += "| `" + std::string(column.name) + "` | " + unit + " | " + std::string(column.what) +
            " |\n";
  }
  return text + "\n```sql\n" + std::string(view.example) +
         ";\n```\n\n<details><summary>its query</summary>\n\n```sql\n" + view.sql +
         "\n```\n\n</details>\n";
}

std::string metrics_page() {
  std::string page =
      "# Metrics\n\n"
      "<!-- Generated from analysis/trace/metric_views.cpp; tests/metrics/documents_test.cpp "
      "compares. -->\n\n"
      "Every number that a command, a report or the analyzer shows is one of these views of the\n"
      "trace, or a sample. Ask them with `elblab query trace.db \"SELECT …\"` or with sqlite3:\n\n"
      "| view | what it says |\n|---|---|\n";
  for (const auto& view : trace::metric_views()) {
    page += "| [`" + std::string(view.name) + "`](#" + std::string(view.name) + ") | " +
            std::string(view.what) + " |\n";
  }
  page +=
      "\nTimes are seconds since the start of the run, shares 0 … 1; NULL stands where nothing "
      "was\n"
      "measured (a replay has no hosts), never a zero that looks measured. A sample at t speaks "
      "for\n"
      "the time since the sample before it.\n";
  for (const auto& view : trace::metric_views()) page += section(view);
  return page;
}

BOOST_AUTO_TEST_SUITE(documents)

BOOST_AUTO_TEST_CASE(the_page_of_metrics_is_the_table_of_views) {
  const auto path = std::filesystem::path(ELBLAB_SOURCE_DIR) / "docs/metrics.md";
  if (std::getenv("ELBLAB_WRITE_DOCUMENTS") != nullptr) {
    std::ofstream(path, std::ios::binary) << metrics_page();
  }
  std::ifstream file(path, std::ios::binary);
  BOOST_TEST((std::string(std::istreambuf_iterator<char>(file), {}) == metrics_page()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::metrics::test
