#include "cli/catalogue/catalogue_json.hpp"

namespace elblab::cli {
namespace {

using catalogue::Coverage;
using catalogue::KnownScenario;
using catalogue::Row;
using catalogue::RowCoverage;
using catalogue::RowKind;

Json id_or_null(const KnownScenario* scenario) {
  return scenario == nullptr ? Json(nullptr) : Json(scenario->id);
}

template <class Things>
Json ids_of(const Things& things) {
  Json ids = Json::array();
  for (const auto* thing : things) ids.push_back(thing->id);
  return ids;
}

void add_fact(Json& json, const RowCoverage& covered, bool knows_sources) {
  const auto files = [&](const std::vector<std::string>& names) {
    return knows_sources ? Json(names) : Json(nullptr);
  };
  json["implemented_in"] = files(covered.implemented_in);
  json["only_set_in"] = files(covered.only_set_in);
  json["tested_in"] = files(covered.tested_in);
  json["shown_by"] = ids_of(covered.shown_by);
  json["not_built_yet"] = ids_of(covered.planned);
}

void add_case(Json& json, const Row& row, const Coverage& coverage) {
  const RowCoverage& covered = coverage.of(row);
  json["exercises"] = row.exercises;
  json["scenario"] = id_or_null(covered.scenario);
  json["left_out"] = ids_of(covered.left_out);
  if (covered.scenario == nullptr) {
    json["nearest_today"] = id_or_null(catalogue::nearest_to(row, coverage));
  }
  Json asked = Json::array();
  for (const auto* question : covered.asked_in) asked.push_back(question->number);
  json["asked_in"] = asked;
}

}  // namespace

Json json_of(const KnownScenario& scenario) {
  return {{"id", scenario.id},          {"title", scenario.title},
          {"area", scenario.area},      {"exercises", scenario.exercises},
          {"live", scenario.runs_live}, {"file", scenario.file}};
}

Json json_of(const Row& row, const Coverage& coverage) {
  const bool is_fact = row.kind == RowKind::fact;
  Json json{{"id", row.id},
            {"kind", is_fact ? "fact" : "case"},
            {"area", coverage.catalogue().areas()[row.area].name},
            {"says", row.says}};
  if (is_fact) {
    add_fact(json, coverage.of(row), coverage.knows_sources());
  } else {
    add_case(json, row, coverage);
  }
  return json;
}

Json json_of(const catalogue::Question& question, const Coverage& coverage) {
  const auto answer = catalogue::answer_to(question, coverage);
  Json json{{"number", question.number}, {"asks", question.asks}};
  if (!question.profile.empty()) json["profile"] = question.profile;
  if (!question.note.empty()) json["note"] = question.note;
  json["run_first"] = answer.first == nullptr ? Json(nullptr) : Json(answer.first->id);
  json["is_built"] = answer.scenario != nullptr;
  json["nearest_today"] = id_or_null(answer.nearest);
  json["then"] = ids_of(answer.also);
  json["later"] = ids_of(answer.later);
  return json;
}

Json json_of(const catalogue::Matches& matches, const Coverage& coverage) {
  Json json{{"questions", Json::array()},
            {"scenarios", Json::array()},
            {"not_built_yet", Json::array()},
            {"facts", Json::array()},
            {"is_partial", matches.is_partial}};
  for (const auto* one : matches.questions) json["questions"].push_back(json_of(*one, coverage));
  for (const auto* one : matches.scenarios) json["scenarios"].push_back(json_of(*one));
  for (const auto* one : matches.cases) json["not_built_yet"].push_back(json_of(*one, coverage));
  for (const auto* one : matches.facts) json["facts"].push_back(json_of(*one, coverage));
  return json;
}

Json json_of(const catalogue::Totals& totals, bool knows_sources) {
  Json facts{{"of", totals.facts}};
  facts["implemented"] = knows_sources ? Json(totals.implemented) : Json(nullptr);
  facts["shown"] = totals.shown;
  facts["neither"] = knows_sources ? Json(totals.neither) : Json(nullptr);
  return {{"cases", {{"of", totals.cases}, {"built", totals.built}, {"in_part", totals.in_part}}},
          {"facts", facts}};
}

std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace elblab::cli
