// elblab explain: what a name like BW-07 stands for.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/catalogue/catalogue_json.hpp"
#include "cli/catalogue/catalogue_view.hpp"
#include "cli/catalogue/explain_text.hpp"
#include "cli/catalogue/list_text.hpp"
#include "cli/catalogue/subject.hpp"
#include "cli/commands.hpp"
#include "cli/text/one_line.hpp"

namespace elblab::cli {
namespace {

struct ExplainArguments {
  std::vector<std::string> names;
  std::string sources;
  bool json = false;
};

class Explainer {
 public:
  explicit Explainer(ExplainArguments arguments) : arguments_(std::move(arguments)) {}

  ExitCode run() {
    if (!view_.read_sources(arguments_.sources) && !arguments_.sources.empty()) {
      err_.write(fmt::format("--sources {}: no source tree of elblab\n", arguments_.sources));
      return ExitCode::bad_input;
    }
    ExitCode code = ExitCode::holds;
    std::string text;
    Json json = Json::array();
    for (const std::string& name : arguments_.names) {
      const auto subject = subject_of(name, view_.coverage());
      if (!subject || !subject->is_found()) {
        err_.write(complaint(name, subject));
        code = ExitCode::bad_input;
        continue;
      }
      text += (text.empty() ? "" : "\n") + text_of(*subject);
      add_to(json, *subject);
    }
    out_.write(arguments_.json ? json_text(json) : text);
    return code;
  }

 private:
  std::string complaint(const std::string& name, const Expected<Subject>& subject) const {
    if (!subject) return subject.error().message + "\n";
    return fmt::format("no row, question or area '{0}'; 'elblab list {0}' looks for the word\n",
                       one_line(name));
  }

  std::string text_of(const Subject& subject) const {
    const ExplainText explain(view_.coverage(), out_);
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "\n") + part; };
    for (const auto* row : subject.rows) add(explain.row(*row));
    for (const auto* scenario : subject.scenario) add(explain.scenario(*scenario));
    if (!subject.questions.empty()) {
      add(ListText(view_.coverage(), out_).questions(subject.questions));
    }
    if (subject.area.empty()) return text;
    const auto* area = view_.coverage().catalogue().area(subject.area);
    add(area != nullptr ? explain.area(*area)
                        : ListText(view_.coverage(), out_).area(subject.area));
    return text;
  }

  void add_to(Json& json, const Subject& subject) const {
    const auto& coverage = view_.coverage();
    for (const auto* row : subject.rows) json.push_back(json_of(*row, coverage));
    for (const auto* scenario : subject.scenario) json.push_back(json_of(*scenario));
    for (const auto* question : subject.questions) json.push_back(json_of(*question, coverage));
    const auto* area = coverage.catalogue().area(subject.area);
    if (area == nullptr) return;
    Json told{{"area", area->name}, {"title", area->title}, {"about", area->about}};
    told.update(json_of(coverage.totals_of(*area), coverage.knows_sources()));
    json.push_back(told);
  }

  ExplainArguments arguments_;
  Terminal out_{stdout};
  Terminal err_{stderr};
  CatalogueView view_;
};

}  // namespace

void add_explain_command(CLI::App& app, Action& chosen) {
  auto* command =
      app.add_subcommand("explain", "Tell what a name like BW-07 stands for, and what shows it");
  auto arguments = std::make_shared<ExplainArguments>();
  auto format = std::make_shared<std::string>("text");
  command->add_option("name", arguments->names, "Rows, questions or areas of the catalogue")
      ->required()
      ->type_name("NAME");
  command
      ->add_option("--sources", arguments->sources,
                   "Source tree (default: the one this was built from)")
      ->type_name("DIR");
  command->add_option("--format", *format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer(R"(
Messages, comments and scenarios name rows of the catalogue (docs/catalogue):
facts about the service, like BW-07, and cases that show them, like TW-01.

Examples:
  elblab explain BW-07         a fact, where it is implemented, what shows it
  elblab explain STK-S02       a case, whether it is built, what is nearest
  elblab explain BW-05..09     several
  elblab explain 1.8           a question of the service's FAQ
  elblab explain stress        an area

Exit codes: 0 explained, 2 there is no such name.)");
  command->callback([arguments, format, &chosen] {
    arguments->json = *format == "json";
    chosen = [arguments] { return Explainer(*arguments).run(); };
  });
}

}  // namespace elblab::cli
