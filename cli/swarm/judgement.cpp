#include "cli/swarm/judgement.hpp"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "analysis/diagnosis/diagnosis.hpp"
#include "analysis/invariants/invariants.hpp"
#include "analysis/reports/report.hpp"
#include "analysis/reports/writers.hpp"
#include "analysis/trace/reader.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

void judge_diagnosis(const trace::Reader& reader, std::vector<Finding>& findings) {
  const diagnosis::Diagnosis diagnosis = diagnosis::diagnose(reader);
  for (const auto& found : diagnosis.found) {
    // A share of what went wrong.
    if (found.explains < 0 || found.explains > 1.0001) {
      findings.push_back({"diagnosis", fmt::format("a cause explains {} of 1", found.explains)});
    }
  }
  if (const auto problem = reader.problem()) findings.push_back({"diagnosis", problem->message});
}

void judge_report(const fs::path& trace, const trace::Reader& reader,
                  std::vector<Finding>& findings) {
  const reports::Document document = reports::make_report({{trace, &reader}});
  using Write = std::string (*)(const reports::Document&);
  constexpr std::array<std::pair<const char*, Write>, 4> kFormats{{{"html", reports::html_of},
                                                                   {"md", reports::markdown_of},
                                                                   {"json", reports::json_of},
                                                                   {"csv", reports::csv_of}}};
  for (const auto& [name, write] : kFormats) {
    const std::string text = write(document);
    if (text.empty()) findings.push_back({"report", fmt::format("the {} is empty", name)});
    if (std::string_view(name) == "json" && !json::accept(text)) {
      findings.push_back({"report", "the json does not parse"});
    }
  }
  if (const auto problem = reader.problem()) findings.push_back({"report", problem->message});
}

Judgement judge(const fs::path& trace, const language::Scenario& scenario) {
  Judgement judgement;
  const auto opened = trace::Reader::open(trace);
  if (!opened) {
    judgement.findings.push_back({"trace_contents", opened.error().message});
    return judgement;
  }
  const trace::Reader& reader = **opened;
  judgement.digest = reader.digest();
  for (const auto& broken : invariants::broken_by(reader, scenario)) {
    judgement.findings.push_back({std::string(broken.law), broken.text});
  }
  judge_diagnosis(reader, judgement.findings);
  judge_report(trace, reader, judgement.findings);
  return judgement;
}

json json_of(const Judgement& judgement) {
  json findings = json::array();
  for (const Finding& one : judgement.findings) {
    findings.push_back({{"kind", one.kind}, {"text", one.text}});
  }
  return {{"digest", judgement.digest}, {"findings", std::move(findings)}};
}

}  // namespace

fs::path judgement_file(const fs::path& trace) { return trace.string() + ".judgement.json"; }

Runner judged(Runner runner) {
  return [runner = std::move(runner)](const language::Scenario& scenario,
                                      const worlds::RunOptions& options) {
    worlds::RunOutcome outcome = runner(scenario, options);
    if (outcome && !outcome->stopped) {
      std::ofstream file(judgement_file(options.trace));
      file << json_of(judge(options.trace, scenario))
                  .dump(-1, ' ', false, json::error_handler_t::replace);
    }
    return outcome;
  };
}

std::optional<Judgement> judgement_of(const fs::path& trace) {
  const json read = json::parse(std::ifstream(judgement_file(trace)), nullptr, false);
  if (read.is_discarded()) return std::nullopt;
  Judgement judgement;
  judgement.digest = read.at("digest").get<std::uint64_t>();
  for (const json& one : read.at("findings")) {
    judgement.findings.push_back({one.at("kind"), one.at("text")});
  }
  return judgement;
}

}  // namespace elblab::cli
