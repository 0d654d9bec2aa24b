#include "cli/printing/diagnosis_document.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/printing/diagnosis_printer.hpp"

namespace elblab::cli {
namespace {

using diagnosis::Diagnosis;
using diagnosis::Evidence;
using diagnosis::Finding;
using nlohmann::ordered_json;

ordered_json time_of(Instant at) {
  return at == kNever ? ordered_json(nullptr) : ordered_json(to_seconds(at));
}

ordered_json json_of(const Evidence& evidence) {
  return {{"text", evidence.text},         {"query", evidence.query},
          {"measures", evidence.measures}, {"from_s", time_of(evidence.from)},
          {"to_s", time_of(evidence.to)},  {"connections", evidence.connections}};
}

const char* standing_of(const Finding& finding) {
  switch (finding.standing) {
    case diagnosis::Standing::found:
      return "found";
    case diagnosis::Standing::ruled_out:
      return "ruled_out";
    case diagnosis::Standing::not_observable:
      return "not_observable";
  }
  return "";
}

ordered_json json_of(const Finding& finding) {
  ordered_json json{
      {"cause", finding.cause}, {"title", finding.title}, {"standing", standing_of(finding)}};
  if (finding.standing != diagnosis::Standing::found) {
    json["because"] = finding.because;
    return json;
  }
  json["confidence"] = confidence_text(finding.confidence);
  json["explains"] = finding.explains;
  json["evidence"] = ordered_json::array();
  for (const Evidence& evidence : finding.evidence) json["evidence"].push_back(json_of(evidence));
  json["remedies"] = finding.remedies;
  json["facts"] = finding.facts;
  return json;
}

ordered_json json_of(const std::vector<Finding>& findings) {
  ordered_json json = ordered_json::array();
  for (const Finding& finding : findings) json.push_back(json_of(finding));
  return json;
}

ordered_json json_of(const DiagnosedTrace& trace) {
  const Diagnosis& diagnosis = trace.diagnosis;
  ordered_json symptoms = ordered_json::array();
  for (const auto& symptom : diagnosis.symptoms) {
    symptoms.push_back({{"symptom", symptom.name},
                        {"text", symptom.text},
                        {"from_s", time_of(symptom.from)},
                        {"to_s", time_of(symptom.to)}});
  }
  return {{"trace", trace.trace},
          {"scenario", trace.run.scenario},
          {"run", trace.run.run},
          {"world", trace.run.world},
          {"seed", trace.run.seed},
          {"verdict", diagnosis.verdict},
          {"symptoms", std::move(symptoms)},
          {"found", json_of(diagnosis.found)},
          {"ruled_out", json_of(diagnosis.ruled_out)},
          {"not_observable", json_of(diagnosis.not_observable)}};
}

// Names come from files: what Markdown would take for its own is written out.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (std::string_view("\\`*_[]<>|#").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

std::string markdown_of(const Finding& finding, std::size_t rank) {
  std::string text = fmt::format("{}. **{}** ({}", rank, escaped(finding.title),
                                 confidence_text(finding.confidence));
  if (finding.explains > 0) text += fmt::format(", explains {:.0f} %", 100 * finding.explains);
  text += ")\n";
  for (const Evidence& evidence : finding.evidence) {
    text += fmt::format("   - {}\n", escaped(evidence.text));
    if (!evidence.query.empty()) text += fmt::format("     `{}`\n", evidence.query);
  }
  for (const std::string& remedy : finding.remedies) {
    text += fmt::format("   - remedy: {}\n", escaped(remedy));
  }
  return text + fmt::format("   - facts: {}\n", fmt::join(finding.facts, ", "));
}

std::string markdown_of(const std::vector<Finding>& findings, const char* label) {
  std::string text;
  for (const Finding& finding : findings) {
    text += fmt::format("- {}: {} ({})\n", label, escaped(finding.title), escaped(finding.because));
  }
  return text;
}

std::string markdown_of(const DiagnosedTrace& trace) {
  const Diagnosis& diagnosis = trace.diagnosis;
  std::string text = fmt::format("## {} {} – {}\n\n", escaped(trace.run.scenario),
                                 escaped(trace.run.run), escaped(trace.trace));
  text += escaped(diagnosis.verdict) + "\n\n";
  for (const auto& symptom : diagnosis.symptoms) {
    text += fmt::format("- seen: {}\n", escaped(symptom.text));
  }
  if (!diagnosis.symptoms.empty()) text += "\n";
  for (std::size_t i = 0; i < diagnosis.found.size(); ++i) {
    text += markdown_of(diagnosis.found[i], i + 1);
  }
  if (!diagnosis.found.empty()) text += "\n";
  return text + markdown_of(diagnosis.ruled_out, "ruled out") +
         markdown_of(diagnosis.not_observable, "cannot tell");
}

}  // namespace

std::string diagnoses_as_json(const std::vector<DiagnosedTrace>& traces) {
  ordered_json json = ordered_json::array();
  for (const DiagnosedTrace& trace : traces) json.push_back(json_of(trace));
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string diagnoses_as_markdown(const std::vector<DiagnosedTrace>& traces) {
  std::string text;
  for (const DiagnosedTrace& trace : traces)
    text += (text.empty() ? "" : "\n") + markdown_of(trace);
  return text;
}

}  // namespace elblab::cli
