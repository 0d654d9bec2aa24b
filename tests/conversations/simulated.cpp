#include "tests/conversations/simulated.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <stdexcept>

#include "scenarios/language/scenario_file.hpp"
#include "sim/simulation.hpp"
#include "tests/must.hpp"

namespace elblab::testing {
namespace {

language::Scenario decode_loaded(language::ScenarioFile::Loaded loaded, const std::string& run,
                                 const std::vector<std::string>& settings) {
  if (!loaded.file) throw std::runtime_error(loaded.errors.front().to_string());
  std::vector<language::Override> overrides;
  for (const std::string& text : settings) {
    const auto equals = text.find('=');
    overrides.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  const std::string which = run.empty() ? loaded.file->runs().front() : run;
  auto decoded = loaded.file->decode(which, overrides);
  if (!decoded.scenario) throw std::runtime_error(decoded.errors.front().to_string());
  return std::move(*decoded.scenario);
}

}  // namespace

language::Scenario decode(const std::filesystem::path& file, const std::string& run,
                          const std::vector<std::string>& settings) {
  return decode_loaded(language::ScenarioFile::load(file), run, settings);
}
language::Scenario decode_text(const std::string& text) {
  return decode_loaded(language::ScenarioFile::parse(text, "test.elb.yaml"), {}, {});
}

void simulate(const language::Scenario& scenario, const std::filesystem::path& trace,
              const std::filesystem::path& captures) {
  sim::RunOptions options;
  options.trace = trace;
  if (!captures.empty()) options.pcap_folder = captures;
  const sim::RunResult result = must(sim::run(scenario, options));
  if (!result.packets_conserved) throw std::runtime_error(result.conservation_problem);
}

std::unique_ptr<trace::Reader> open_trace(const std::filesystem::path& path) {
  return must(trace::Reader::open(path));
}

std::vector<double> samples(const trace::Reader& trace, const std::string& measure,
                            const std::string& object) {
  const auto series = trace.find_series(measure, object);
  if (!series) throw std::runtime_error("no series " + measure + "(" + object + ")");
  std::vector<double> values;
  for (const trace::Point& point : trace.samples(series->id, kStart, kNever)) {
    values.push_back(point.value);
  }
  return values;
}

double total(const std::vector<double>& samples) {
  return std::accumulate(samples.begin(), samples.end(), 0.0);
}

std::optional<std::string> output_of(const std::string& command) {
  std::FILE* const pipe = popen((command + " 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string text;
  std::array<char, 4096> buffer;
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    text.append(buffer.data(), n);
  }
  if (pclose(pipe) != 0) return std::nullopt;
  return text;
}

}  // namespace elblab::testing
