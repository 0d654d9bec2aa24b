#include "scenarios/catalogue/pages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "scenarios/catalogue/answers.hpp"

namespace elblab::catalogue {
namespace {

constexpr std::string_view kTop = "../../";  // from docs/catalogue to the top of the tree

std::string generated_note(std::string_view from) {
  return fmt::format(
      "<!-- Generated from {}, the sources and the scenarios; "
      "tests/catalogue/documents_test.cpp compares, and writes it. -->\n",
      from);
}

std::string anchor_of(std::string id) {
  for (char& c : id) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return id;
}

// What a Markdown table takes for its own.
std::string in_cell(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|' || c == '*' || c == '<') result += '\\';
    result += c;
  }
  return result;
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  return fmt::format("{}", fmt::join(parts, between));
}

std::string scenario_link(const KnownScenario& scenario) {
  return fmt::format("[{}]({}scenarios/{}/{}.elb.yaml)", scenario.id, kTop, scenario.area,
                     scenario.id);
}

// Files of one folder stand together: "models/host: [a.cpp](…) [b.cpp](…)".
std::string file_links(const std::vector<std::string>& files) {
  std::string text;
  std::string folder;
  for (const std::string& file : files) {
    const std::size_t slash = file.rfind('/');
    if (folder != file.substr(0, slash)) {
      folder = file.substr(0, slash);
      text += fmt::format("{}{}:", text.empty() ? "" : "<br>", folder);
    }
    text += fmt::format(" [{}]({}{})", file.substr(slash + 1), kTop, file);
  }
  return text;
}

class PageWriter {
 public:
  explicit PageWriter(const Coverage& coverage) : coverage_(coverage) {}

  std::string area(const Area& area) const {
    std::string text =
        fmt::format("# {}\n\n{}\n{}\n", area.title,
                    generated_note("docs/catalogue/" + area.name + ".yaml"), area.about);
    if (!area.facts.empty()) text += facts(area);
    if (!area.cases.empty()) text += cases(area);
    return text;
  }

  std::string questions() const {
    std::string text = "# Questions\n\n" + generated_note("docs/catalogue/questions.yaml") +
                       "\nWhat users of the service ask, by the numbers of its FAQ and, from 10.2 "
                       "on, of its user guide of\n2020. `elblab list --question 1.8` leads to the "
                       "row to run first, and so does `elblab list uneven`.\n\n"
                       "| question | | run first | then |\n|---|---|---|---|\n";
    for (const Question& question : coverage_.catalogue().questions()) text += row_of(question);
    return text;
  }

  std::string index() const;

 private:
  const Catalogue& catalogue() const { return coverage_.catalogue(); }

  // A row where its area tells about it.
  std::string row_link(const std::string& id) const {
    const Row& row = *catalogue().row(id);
    return fmt::format("[{}]({}.md#{})", id, catalogue().areas()[row.area].name, anchor_of(row.id));
  }

  std::string facts(const Area& area) const {
    std::string text =
        "\n## Facts\n\n| row | what it says | implemented in | tested in | shown by |\n"
        "|---|---|---|---|---|\n";
    for (const std::size_t index : area.facts) {
      const Row& row = catalogue().rows()[index];
      const RowCoverage& covered = coverage_.of(row);
      std::vector<std::string> shown_by;
      for (const auto* scenario : covered.shown_by) shown_by.push_back(scenario_link(*scenario));
      text += fmt::format("| <a id=\"{}\"></a>{} | {} | {} | {} | {} |\n", anchor_of(row.id),
                          row.id, in_cell(row.says), places_of(covered),
                          file_links(covered.tested_in), joined(shown_by, " "));
    }
    return text;
  }

  static std::string places_of(const RowCoverage& covered) {
    if (covered.only_set_in.empty()) return file_links(covered.implemented_in);
    return "a setting only, nothing acts on it yet:<br>" + file_links(covered.only_set_in);
  }

  std::string cases(const Area& area) const {
    std::string text =
        "\n## Cases\n\n| row | what it shows | about | scenario | asked in "
        "|\n|---|---|---|---|---|\n";
    for (const std::size_t index : area.cases) {
      const Row& row = catalogue().rows()[index];
      const RowCoverage& covered = coverage_.of(row);
      std::vector<std::string> about;
      for (const std::string& id : row.exercises) about.push_back(row_link(id));
      std::vector<std::string> asked;
      for (const Question* question : covered.asked_in) {
        asked.push_back(fmt::format("[{0}](questions.md#{0})", question->number));
      }
      text += fmt::format("| <a id=\"{}\"></a>{} | {} | {} | {} | {} |\n", anchor_of(row.id),
                          row.id, in_cell(row.says), joined(about, " "), scenario_cell(covered),
                          joined(asked, " "));
    }
    return text;
  }

  std::string scenario_cell(const RowCoverage& covered) const {
    if (covered.scenario == nullptr) return "not built yet";
    std::vector<std::string> without;
    for (const Row* row : covered.left_out) without.push_back(row_link(row->id));
    return scenario_link(*covered.scenario) +
           (without.empty() ? "" : ", without " + joined(without, " "));
  }

  std::string row_of(const Question& question) const {
    const Answer answer = answer_to(question, coverage_);
    std::string first = question.note;
    if (answer.first != nullptr) first = row_link(answer.first->id);
    if (answer.nearest != nullptr) {
      first += fmt::format(", not built yet; nearest today: {}", scenario_link(*answer.nearest));
    } else if (answer.first != nullptr && answer.scenario == nullptr) {
      first += ", not built yet";
    }
    std::vector<std::string> then;
    for (std::size_t i = 1; i < question.run.size(); ++i) then.push_back(row_link(question.run[i]));
    const std::string profile =
        question.profile.empty() ? "" : fmt::format(" (`{}`)", question.profile);
    return fmt::format("| <a id=\"{0}\"></a>{0} | {1}{2} | {3} | {4} |\n", question.number,
                       in_cell(question.asks), profile, first, joined(then, " "));
  }

  const Coverage& coverage_;
};

constexpr std::string_view kIndexHead = R"(
Everything that is known about the service, as **facts** (`BW-07`: how it behaves) and **cases**
(`TW-01`: what a run must show of them), each with a name that never changes and one sentence. Code,
tests, scenarios and messages cite the names; here is where they lead.

```
elblab explain BW-07          what a name means, where it is implemented, what shows it
elblab list BW-07             the scenarios that exercise it
elblab list uneven            what there is about a word
elblab list --question 1.8    what to run for a question of the FAQ
elblab coverage               how much of each area is built
```

## Words

- **the service of 2020**, a **shared** and a **dedicated** balancer are the profiles `shared-2020`,
  `shared` and `dedicated` of a scenario.
- **Transfer** of the client's address: the server sees the client's address and port, as opposed to
  **fullNAT**, where it sees the balancer's.
- **implemented in** names files whose code cites the row: there it is dealt with, perhaps not all
  of it. A row that only tables of settings cite is understood in a scenario file, but nothing acts
  on it yet. **shown by** are scenarios that name the row under `exercises`: they are the proof.
- A case is **built** when a scenario of its name exists and exercises every row that the case is
  about; **in part** when it leaves some out, which are named.

## Areas

| area | | facts | cases |
|---|---|---|---|
)";

constexpr std::string_view kIndexTail = R"(
## Changing it

Each page is written from the `.yaml` file beside it, the sources and the scenarios. After a change
to any of them that the test `test_catalogue` complains about:

```
ELBLAB_WRITE_DOCUMENTS=1 build/tests/catalogue/test_catalogue --run_test=documents
```

A row that is cited and not told, in code, scenarios or documents, fails that test with file and
line. Names are never used again for something else.
)";

std::string families_text(const std::vector<std::size_t>& rows, const Catalogue& catalogue) {
  std::vector<std::string> families;
  std::vector<std::size_t> counts;
  for (const std::size_t index : rows) {
    std::string family = parse_row_id(catalogue.rows()[index].id)->family;
    if (families.empty() || families.back() != family) {
      families.push_back(std::move(family));
      counts.push_back(0);
    }
    ++counts.back();
  }
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < families.size(); ++i) {
    parts.push_back(fmt::format("{}… ({})", families[i], counts[i]));
  }
  return joined(parts, ", ");
}

std::string PageWriter::index() const {
  std::string text = "# The catalogue\n\n" + generated_note("docs/catalogue/*.yaml");
  text += kIndexHead;
  for (const Area& area : catalogue().areas()) {
    text +=
        fmt::format("| [{}]({}.md) | {} | {} | {} |\n", area.name, area.name, area.title,
                    families_text(area.facts, catalogue()), families_text(area.cases, catalogue()));
  }
  text += "\n[Questions](questions.md) that users ask, and what to run for each.\n";
  text += kIndexTail;
  return text;
}

}  // namespace

std::map<std::string, std::string> pages(const Coverage& coverage) {
  const PageWriter writer(coverage);
  std::map<std::string, std::string> result;
  result["README.md"] = writer.index();
  result["questions.md"] = writer.questions();
  for (const Area& area : coverage.catalogue().areas())
    result[area.name + ".md"] = writer.area(area);
  return result;
}

}  // namespace elblab::catalogue
