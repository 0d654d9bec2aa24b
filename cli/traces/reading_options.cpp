#include "cli/traces/reading_options.hpp"

#include <fmt/format.h>

#include <chrono>

#include "cli/signals/stop_signals.hpp"
#include "scenarios/language/quantities.hpp"

namespace elblab::cli {

Expected<trace::ReadingLimits> ReadingOptions::limits() const {
  trace::ReadingLimits limits;
  limits.raised_by = "--time-limit";
  limits.stop = &StopSignals::flag();
  if (time_limit == "0") return limits;
  const auto parsed = language::parse_duration(time_limit);
  if (!parsed) {
    return Error{fmt::format("--time-limit {}: {}", time_limit, parsed.error().message)};
  }
  limits.question = std::chrono::duration_cast<std::chrono::milliseconds>(*parsed);
  if (limits.question.count() > 0) return limits;
  return Error{fmt::format("--time-limit {}: at least 1ms, or 0 for none", time_limit)};
}

void add_time_limit_option(CLI::App& command, ReadingOptions& options) {
  command
      .add_option("--time-limit", options.time_limit,
                  "Computing that one question to the trace may take, 0 for any")
      ->type_name("TIME")
      ->capture_default_str();
}

ExitCode code_of_unread_trace() {
  return StopSignals::came() ? ExitCode::interrupted : ExitCode::bad_input;
}

}  // namespace elblab::cli
