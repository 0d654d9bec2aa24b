// A figure of a sweep: what is read from the trace of every run.
//
//   MEASURE:STAT            healthy(app/b1):mean      a statistic of a recorded measure
//   MEASURE:STAT@FROM..TO   healthy(app/b1):max@60s.. of a phase of the run, either end open
//   detection_s(SERVER)     TDET: seconds from the last fault until the server was first displayed
//                           as unhealthy after one (detections_view)
//   flaps_per_hour(SERVER)  FLAP: changes of the displayed verdict per hour (server_health)
//
// Phases are those of expectations (analysis/expectations/evaluate.hpp).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "models/contract/expected.hpp"
#include "scenarios/language/expectation.hpp"
#include "scenarios/language/scenario_file.hpp"

namespace elblab::cli {

struct Figure {
  enum class Kind : std::uint8_t { statistic, detection, flaps };
  Kind kind = Kind::statistic;
  language::Measure measure;  // of a statistic; else the server is its object
  language::Stat stat = language::Stat::total;
  Instant from = kStart;
  Instant to = kNever;
  std::string unit;  // "/s", "/h", "s", "B"; empty: counts

  // As read_figure takes it: the name of a column.
  std::string text() const;
};

// Of --measure, against what the run can record. `settings`: what applies to every cell.
Expected<Figure> read_figure(std::string_view text, const language::ScenarioFile& file,
                             const std::string& run,
                             const std::vector<language::Override>& settings);

// What the run's expectations measure, each once. Windows and references to other runs are left
// out: a cell has one value of its own.
std::vector<Figure> expected_figures(const language::Scenario& scenario);

// nullopt: there is none, as of a server that was not found unhealthy.
std::optional<double> value_of(const Figure& figure, const trace::Reader& trace);

}  // namespace elblab::cli
