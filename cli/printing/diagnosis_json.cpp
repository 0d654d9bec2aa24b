#include "cli/printing/diagnosis_json.hpp"

#include <nlohmann/json.hpp>

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

ordered_json json_of(const Finding& finding) {
  ordered_json json{{"cause", finding.cause},
                    {"title", finding.title},
                    {"standing", to_string(finding.standing)}};
  if (finding.standing != diagnosis::Standing::found) {
    json["because"] = finding.because;
    return json;
  }
  json["confidence"] = to_string(finding.confidence);
  json["explains"] = finding.explains;
  json["evidence"] = ordered_json::array();
  for (const Evidence& evidence : finding.evidence) json["evidence"].push_back(json_of(evidence));
  if (!finding.steps.empty()) json["steps"] = finding.steps;
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
  ordered_json json{{"trace", trace.trace},
                    {"scenario", trace.run.scenario},
                    {"run", trace.run.run},
                    {"world", trace.run.world},
                    {"seed", trace.run.seed},
                    {"verdict", diagnosis.verdict},
                    {"complaint", diagnosis.symptoms.empty() ? ordered_json(nullptr)
                                                             : ordered_json(diagnosis.complaint())},
                    {"symptoms", std::move(symptoms)},
                    {"balanced", diagnosis.balanced},
                    {"found", json_of(diagnosis.found)},
                    {"ruled_out", json_of(diagnosis.ruled_out)},
                    {"not_observable", json_of(diagnosis.not_observable)}};
  if (!trace.notes.empty()) json["capture"] = trace.notes;
  return json;
}

}  // namespace

std::string diagnoses_as_json(const std::vector<DiagnosedTrace>& traces) {
  ordered_json json = ordered_json::array();
  for (const DiagnosedTrace& trace : traces) json.push_back(json_of(trace));
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace elblab::cli
