// elblab list: what scenarios there are, and which of them answers a question or shows a row.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>

#include "cli/catalogue/catalogue_json.hpp"
#include "cli/catalogue/catalogue_view.hpp"
#include "cli/catalogue/list_text.hpp"
#include "cli/catalogue/subject.hpp"
#include "cli/commands.hpp"
#include "cli/runs/scenario_library.hpp"
#include "cli/text/one_line.hpp"
#include "scenarios/language/scenario_file.hpp"

namespace elblab::cli {
namespace {

constexpr const char* kHelp = R"(
WHAT is an area (stress), a row of the catalogue (BW-07, TW-01, BW-05..09), the
number of a question (1.8), or words to look for in questions, titles and the
catalogue.

Examples:
  elblab list                      every scenario, by area
  elblab list time-wait            those of an area, and what is not built yet
  elblab list uneven               what there is about a word
  elblab list BW-07                the scenarios that show a fact
  elblab list --question 1.8       what to run for a question of the FAQ
  elblab list --question cookie    the questions about a word
  elblab list --question           every question

'elblab explain BW-07' tells more about a row, 'elblab show TW-01' about a
scenario.
Exit codes: 0 found, 2 nothing found, or a scenario file that cannot be read.)";

struct ListArguments {
  std::vector<std::string> what;
  std::vector<std::string> question;
  bool by_question = false;
  bool all = false;
  bool json = false;
};

// Every scenario as the file has it, for programs.
Json every_scenario() {
  Json list = Json::array();
  std::vector<std::unique_ptr<language::ScenarioFile>> files;
  for (const auto& path : ScenarioLibrary::of_this_process().all()) {
    auto loaded = language::ScenarioFile::load(path);
    if (loaded.file) files.push_back(std::move(loaded.file));
  }
  std::stable_sort(files.begin(), files.end(),
                   [](const auto& a, const auto& b) { return a->area() < b->area(); });
  for (const auto& file : files) {
    list.push_back({{"id", file->id()},
                    {"title", file->title()},
                    {"area", file->area()},
                    {"profile", file->profile()},
                    {"exercises", file->exercises()},
                    {"runs", file->runs()},
                    {"live_runs", file->live_runs()},
                    {"seeds", file->seeds()},
                    {"file", file->file()}});
  }
  return list;
}

class Lister {
 public:
  explicit Lister(ListArguments arguments)
      : arguments_(std::move(arguments)), text_(view_.coverage(), out_) {}

  ExitCode run() {
    for (const auto& error : view_.errors()) err_.write(error + "\n");
    const ExitCode read = view_.errors().empty() ? ExitCode::holds : ExitCode::bad_input;
    if (arguments_.by_question) return graver(read, list_questions());
    if (arguments_.what.empty()) return graver(read, list_everything());
    return graver(read, list_subjects());
  }

 private:
  const catalogue::Coverage& coverage() const { return view_.coverage(); }

  ExitCode say(const std::string& text, const Json& json) {
    out_.write(arguments_.json ? json_text(json) : text);
    return ExitCode::holds;
  }

  ExitCode complain(const std::string& message) {
    err_.write(message + "\n");
    return ExitCode::bad_input;
  }

  ExitCode list_everything() {
    if (arguments_.json) return say({}, every_scenario());
    if (coverage().scenarios().empty()) {
      err_.write(
          "no scenarios found (looked in $ELBLAB_SCENARIOS, ./scenarios and beside the "
          "program)\n");
      return ExitCode::holds;
    }
    return say(text_.everything(), {});
  }

  // A number, the beginning of one, or words; without any, all of them.
  ExitCode list_questions() {
    const std::string asked = fmt::format("{}", fmt::join(arguments_.question, " "));
    catalogue::Matches found;
    if (asked.empty()) {
      for (const auto& question : coverage().catalogue().questions()) {
        found.questions.push_back(&question);
      }
    } else {
      found.questions = questions_below(asked, coverage().catalogue());
    }
    const bool is_number = asked.find_first_not_of("0123456789.") == std::string::npos;
    if (found.questions.empty() && !is_number) {
      found.questions = catalogue::find_words(coverage(), asked).questions;
    }
    if (found.questions.empty()) return complain(no_question(asked, is_number));
    return say(text_.questions(found.questions), json_of(found, coverage()));
  }

  std::string no_question(const std::string& asked, bool is_number) {
    const std::string near = is_number ? suggested_question(asked, coverage().catalogue())
                                       : suggested_word(asked, coverage());
    return fmt::format("no question {}{}\n  'elblab list --question' shows every question",
                       is_number ? asked : fmt::format("about '{}'", one_line(asked)), near);
  }

  // All of them names, or all of them words of one search.
  ExitCode list_subjects() {
    std::vector<Subject> subjects;
    for (const std::string& word : arguments_.what) {
      auto subject = subject_of(word, coverage());
      if (!subject) return complain(subject.error().message + hint());
      subjects.push_back(std::move(*subject));
    }
    const bool all_names = std::all_of(subjects.begin(), subjects.end(),
                                       [](const Subject& s) { return s.is_found(); });
    return all_names ? list_names(subjects) : list_matches();
  }

  ExitCode list_names(const std::vector<Subject>& subjects) {
    std::string text;
    catalogue::Matches found;
    for (const Subject& subject : subjects) {
      if (!text.empty()) text += "\n";
      text += text_of(subject);
      add_to(found, subject);
    }
    return say(text, json_of(found, coverage()));
  }

  std::string text_of(const Subject& subject) {
    std::string text;
    if (!subject.questions.empty()) text += text_.questions(subject.questions);
    if (!subject.area.empty()) text += text_.area(subject.area);
    for (const auto* scenario : subject.scenario) text += text_.scenario(*scenario);
    for (const auto* row : subject.rows) text += (text.empty() ? "" : "\n") + text_.row(*row);
    return text;
  }

  void add_to(catalogue::Matches& found, const Subject& subject) {
    const auto add_row = [&](const catalogue::Row& row) {
      const auto* scenario = coverage().of(row).scenario;
      if (scenario != nullptr) {
        found.scenarios.push_back(scenario);
      } else if (row.kind == catalogue::RowKind::test_case) {
        found.cases.push_back(&row);
      } else {
        found.facts.push_back(&row);
      }
    };
    for (const auto* question : subject.questions) found.questions.push_back(question);
    for (const auto* scenario : subject.scenario) found.scenarios.push_back(scenario);
    for (const auto* row : subject.rows) add_row(*row);
    const auto* area = coverage().catalogue().area(subject.area);
    for (const auto& scenario : coverage().scenarios()) {
      const bool is_case = area != nullptr && coverage().catalogue().row(scenario.id) != nullptr;
      if (scenario.area == subject.area && !is_case) found.scenarios.push_back(&scenario);
    }
    if (area == nullptr) return;
    for (const auto index : area->cases) add_row(coverage().catalogue().rows()[index]);
    for (const auto index : area->facts) add_row(coverage().catalogue().rows()[index]);
  }

  ExitCode list_matches() {
    const std::string words = fmt::format("{}", fmt::join(arguments_.what, " "));
    const auto found = catalogue::find_words(coverage(), words);
    if (!found.empty())
      return say(text_.matches(found, arguments_.all), json_of(found, coverage()));
    return complain(fmt::format("nothing is called '{0}', and nothing tells of it{1}{2}",
                                one_line(words), suggested_word(words, coverage()), hint()));
  }

  static std::string hint() {
    return "\n  'elblab list' shows the scenarios, 'elblab list --question' the questions";
  }

  ListArguments arguments_;
  Terminal out_{stdout};
  Terminal err_{stderr};
  CatalogueView view_;
  ListText text_;
};

}  // namespace

void add_list_command(CLI::App& app, Action& chosen) {
  auto* command =
      app.add_subcommand("list", "Show what scenarios there are, and which one answers a question");
  auto arguments = std::make_shared<ListArguments>();
  auto format = std::make_shared<std::string>("text");
  command->add_option("what", arguments->what, "An area, a row, a question's number, or words")
      ->type_name("WHAT");
  auto* question = command
                       ->add_option("--question", arguments->question,
                                    "Questions that users ask: a number, words, or all")
                       ->type_name("NUMBER")
                       ->expected(0, 64);
  command->add_flag("--all", arguments->all, "All that matches words, not only the first");
  command->add_option("--format", *format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer(kHelp);
  command->callback([arguments, format, question, &chosen] {
    arguments->by_question = question->count() > 0;
    arguments->json = *format == "json";
    chosen = [arguments] { return Lister(*arguments).run(); };
  });
}

}  // namespace elblab::cli
