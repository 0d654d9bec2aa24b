// elblab coverage: how much of the catalogue is built.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>

#include "cli/catalogue/catalogue_json.hpp"
#include "cli/catalogue/catalogue_view.hpp"
#include "cli/catalogue/coverage_text.hpp"
#include "cli/catalogue/subject.hpp"
#include "cli/commands.hpp"
#include "cli/text/one_line.hpp"
#include "cli/text/paragraph.hpp"

namespace elblab::cli {
namespace {

using catalogue::Area;

struct CoverageArguments {
  std::vector<std::string> areas;
  std::string sources;
  bool missing = false;
  bool json = false;
};

class CoverageTeller {
 public:
  explicit CoverageTeller(CoverageArguments arguments) : arguments_(std::move(arguments)) {}

  ExitCode run() {
    for (const auto& error : view_.errors()) err_.write(error + "\n");
    if (!view_.read_sources(arguments_.sources) && !arguments_.sources.empty()) {
      err_.write(fmt::format("--sources {}: no source tree of elblab\n", arguments_.sources));
      return ExitCode::bad_input;
    }
    std::vector<const Area*> areas;
    if (!choose_areas(areas)) return ExitCode::bad_input;
    out_.write(arguments_.json ? json_text(json(areas)) : text(areas));
    return view_.errors().empty() ? ExitCode::holds : ExitCode::bad_input;
  }

 private:
  const catalogue::Coverage& coverage() const { return view_.coverage(); }

  bool choose_areas(std::vector<const Area*>& areas) {
    const auto& known = coverage().catalogue().areas();
    if (arguments_.areas.empty()) {
      for (const Area& area : known) areas.push_back(&area);
    }
    for (const std::string& name : arguments_.areas) {
      const auto subject = subject_of(name, coverage());
      const Area* area = subject ? area_of(*subject) : nullptr;
      if (area == nullptr) {
        complain(name);
        return false;
      }
      if (std::find(areas.begin(), areas.end(), area) == areas.end()) areas.push_back(area);
    }
    return true;
  }

  // By its name, by a family of its rows, by one of them.
  const Area* area_of(const Subject& subject) const {
    const auto& catalogue = coverage().catalogue();
    if (!subject.rows.empty()) return &catalogue.areas()[subject.rows.front()->area];
    return subject.area.empty() ? nullptr : catalogue.area(subject.area);
  }

  void complain(const std::string& name) {
    std::vector<std::string> names;
    for (const Area& area : coverage().catalogue().areas()) names.push_back(area.name);
    err_.write(fmt::format("no area '{}'{}\n", one_line(name), suggested_of(name, names)) +
               paragraph("  there are: ", fmt::format("{}", fmt::join(names, ", ")), err_.width()));
  }

  std::string text(const std::vector<const Area*>& areas) const {
    const CoverageText text(coverage(), out_);
    if (arguments_.areas.empty() && !arguments_.missing) {
      return text.table(areas) +
             "\n'elblab coverage stress' tells each row of an area, 'elblab explain BW-07' one.\n";
    }
    std::string told;
    for (const Area* area : areas) {
      told += (told.empty() ? "" : "\n") + text.rows(*area, arguments_.missing);
    }
    return told;
  }

  Json json(const std::vector<const Area*>& areas) const {
    Json list = Json::array();
    catalogue::Totals all;
    for (const Area* area : areas) {
      const auto totals = coverage().totals_of(*area);
      all += totals;
      Json told{{"area", area->name}, {"title", area->title}};
      told.update(json_of(totals, coverage().knows_sources()));
      told["rows"] = rows(*area);
      list.push_back(std::move(told));
    }
    return {{"areas", list}, {"all", json_of(all, coverage().knows_sources())}};
  }

  Json rows(const Area& area) const {
    Json list = Json::array();
    const auto add = [&](const std::vector<std::size_t>& indices) {
      for (const std::size_t index : indices) {
        const auto& row = coverage().catalogue().rows()[index];
        const auto& covered = coverage().of(row);
        const bool is_missing = covered.scenario == nullptr && covered.shown_by.empty() &&
                                covered.implemented_in.empty();
        const bool is_in_part = !covered.left_out.empty();
        if (!arguments_.missing || is_missing || is_in_part)
          list.push_back(json_of(row, coverage()));
      }
    };
    add(area.cases);
    add(area.facts);
    return list;
  }

  CoverageArguments arguments_;
  Terminal out_{stdout};
  Terminal err_{stderr};
  CatalogueView view_;
};

}  // namespace

void add_coverage_command(CLI::App& app, Action& chosen) {
  auto* command =
      app.add_subcommand("coverage", "Show how much of the catalogue of facts and cases is built");
  auto arguments = std::make_shared<CoverageArguments>();
  command->add_option("area", arguments->areas, "Areas, or families of rows like BW (default: all)")
      ->type_name("AREA");
  command->add_flag("--missing", arguments->missing, "Only what is not there yet, row by row");
  command->add_flag("--json", arguments->json, "As JSON, with every row");
  command
      ->add_option("--sources", arguments->sources,
                   "Source tree (default: the one this was built from)")
      ->type_name("DIR");
  command->footer(R"(
A case is built when a scenario of its name exists and exercises every row that
the case is about, else in part. A fact is implemented where code cites it, and
shown by scenarios that exercise it; 'setting' is one that a scenario file may
set and on which nothing acts yet. All rows, with links: docs/catalogue.

Examples:
  elblab coverage                  a line for each area, and the totals
  elblab coverage stress           each row of an area
  elblab coverage BW FTC           the same, by families of rows
  elblab coverage --missing tls    what is not there yet
  elblab coverage --json           for programs

Exit codes: 0 told, 2 no such area, or a scenario file that cannot be read.)");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return CoverageTeller(*arguments).run(); }; });
}

}  // namespace elblab::cli
