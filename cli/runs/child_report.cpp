#include "cli/runs/child_report.hpp"

#include <nlohmann/json.hpp>

namespace elblab::cli {
namespace {

using nlohmann::json;

json to_json(const worlds::Progress& progress) {
  return {{"simulated_ns", progress.simulated.time_since_epoch().count()},
          {"duration_ns", progress.duration.count()},
          {"wall_seconds", progress.wall_seconds},
          {"connections", progress.connections},
          {"refused", progress.refused}};
}

worlds::Progress progress_from(const json& object) {
  worlds::Progress progress;
  progress.simulated = Instant{Duration{object.value("simulated_ns", std::int64_t{0})}};
  progress.duration = Duration{object.value("duration_ns", std::int64_t{0})};
  progress.wall_seconds = object.value("wall_seconds", 0.0);
  progress.connections = object.value("connections", std::uint64_t{0});
  progress.refused = object.value("refused", std::uint64_t{0});
  return progress;
}

worlds::RunResult result_from(const json& object) {
  worlds::RunResult result;
  result.stopped = object.value("stopped", false);
  result.end = progress_from(object.value("end", json::object()));
  result.events = object.value("events", std::uint64_t{0});
  result.packets = object.value("packets", std::uint64_t{0});
  result.packets_conserved = object.value("packets_conserved", false);
  result.conservation_problem = object.value("conservation_problem", std::string());
  result.warnings = object.value("warnings", std::vector<std::string>());
  result.longest_delay = Duration{object.value("longest_delay_ns", std::int64_t{0})};
  return result;
}

json to_json(const worlds::RunResult& result) {
  return {{"stopped", result.stopped},
          {"end", to_json(result.end)},
          {"events", result.events},
          {"packets", result.packets},
          {"packets_conserved", result.packets_conserved},
          {"conservation_problem", result.conservation_problem},
          {"warnings", result.warnings},
          {"longest_delay_ns", result.longest_delay.count()}};
}

worlds::RunFailure failure_from(const json& object) {
  return worlds::RunFailure({object.value("message", std::string())},
                            result_from(object.value("so_far", json::object())));
}

// Error texts may quote bytes of a path: never fail on what is not UTF-8.
std::string line_of(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string progress_line(const worlds::Progress& progress) {
  return line_of({{"progress", to_json(progress)}});
}

std::string outcome_line(const worlds::RunOutcome& outcome) {
  if (outcome) return line_of({{"result", to_json(*outcome)}});
  const worlds::RunFailure& failure = outcome.error();
  return line_of(
      {{"failure", {{"message", failure.message}, {"so_far", to_json(failure.so_far)}}}});
}

ChildReport parse_report(std::string_view line) {
  ChildReport report;
  const json object = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return report;
  try {  // value() throws on a member of another type
    if (object.contains("progress")) report.progress = progress_from(object["progress"]);
    if (object.contains("result")) report.outcome = result_from(object["result"]);
    if (object.contains("failure")) report.outcome = failure_from(object["failure"]);
  } catch (const json::exception&) {
    return {};
  }
  return report;
}

}  // namespace elblab::cli
