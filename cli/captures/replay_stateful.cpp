#include "cli/captures/replay_stateful.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <variant>

#include "cli/captures/stateful_report.hpp"
#include "cli/captures/stateful_scenario.hpp"
#include "cli/runs/run_plan.hpp"
#include "cli/runs/world_runner.hpp"
#include "cli/signals/stop_signals.hpp"
#include "cli/text/terminal.hpp"
#include "pcap/conversations/extractor.hpp"
#include "pcap/replay/endpoint_rule.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;

ExitCode complain(const std::vector<std::string>& errors) {
  Terminal err(stderr);
  for (const std::string& error : errors) err.write(error + "\n");
  return ExitCode::bad_input;
}

using Rules = std::map<net::Endpoint, std::string>;

Rules read_rules(const std::vector<std::string>& texts, const config::LoadBalancer& balancer,
                 std::vector<std::string>& errors) {
  Rules rules;
  for (const std::string& text : texts) {
    if (auto rule = replay::parse_listener_rule(text, {&balancer, 1})) {
      rules[rule->captured] = rule->name;
    } else {
      errors.push_back(std::move(rule.error().message));
    }
  }
  return rules;
}

// A trace of one's own where the user wants none: the report is read from it.
class TraceFile {
 public:
  explicit TraceFile(fs::path wanted) : path_(std::move(wanted)), kept_(!path_.empty()) {
    if (kept_) return;
    path_ = fs::temp_directory_path() / fmt::format("elblab-stateful-{}.db", getpid());
  }
  ~TraceFile() {
    if (kept_) return;
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(path_.string() + suffix, ignored);
  }
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  bool kept_;
};

worlds::RunOutcome play(const StatefulReplay& replay, const language::Scenario& scenario,
                        const fs::path& trace) {
  Job job;
  job.world = replay.world == "live" ? World::live : World::simulation;
  worlds::RunOptions options;
  options.seed = replay.seed;
  options.trace = trace;
  options.packets = replay.packets;
  options.on_progress = [](const worlds::Progress&) { return !StopSignals::came(); };
  return runner_of(job)(scenario, options);
}

void describe_run(const StatefulReplay& replay, language::Scenario& scenario) {
  scenario.id = "stateful-replay";
  scenario.run = "replay";
  scenario.title = fmt::format("conversations of {} behind {}", replay.capture.filename().string(),
                               replay.balancer.filename().string());
}

std::string nothing_to_play(const StatefulReplay& replay, const pcap::Conversations& found) {
  const auto& counts = found.counts;
  std::string why;
  if (counts.records == 0) {
    why = "it holds no packet";
  } else if (counts.tcp_packets + counts.udp_packets == 0) {
    why = fmt::format("none of its {} packets is TCP or UDP", counts.records);
  } else if (found.list.empty()) {
    why = fmt::format(
        "its TCP packets are connection attempts that came to nothing ({} unanswered, {} refused, "
        "{} half open) or strays ({})",
        counts.unanswered, counts.refused, counts.half_open, counts.stray);
  } else {
    why = "no captured server is mapped onto a listener; --map captured-address:port=listener does";
  }
  return fmt::format("{}: there is no conversation to play: {}", replay.capture.string(), why);
}

}  // namespace

ExitCode replay_stateful(const StatefulReplay& replay) {
  if (replay.world != "simulation" && replay.world != "live") {
    return complain({fmt::format("--world {}: there are simulation and live", replay.world)});
  }
  BalancerSetting setting = load_balancer_setting(replay.balancer, replay.settings);
  Rules rules;
  if (setting.errors.empty()) {
    rules = read_rules(replay.map, setting.scenario.balancers.front(), setting.errors);
  }
  if (!setting.errors.empty()) return complain(setting.errors);
  const auto reader = pcap::Reader::open(replay.capture);
  if (!reader) return complain({reader.error().message});
  const pcap::Conversations found = pcap::extract(**reader);
  Terminal out(stdout);
  Terminal err(stderr);
  const auto damage = pcap::damage_message(replay.capture, (*reader)->report());
  if (!damage.empty()) {
    err.write(damage + "\n");
  }
  StatefulScenario built = build_stateful_scenario(setting, found, rules);
  if (built.scenario.workloads.empty()) {
    out.write(mapping_report(built));
    return complain({nothing_to_play(replay, found)});
  }
  describe_run(replay, built.scenario);
  out.write(capture_report(replay.capture.string(), found));
  out.write(mapping_report(built));
  out.flush();
  const StopSignals signals;  // until the trace of one's own is removed
  const TraceFile trace(replay.trace);
  const worlds::RunOutcome played = play(replay, built.scenario, trace.path());
  if (!played) {
    err.write(played.error().message + "\n");
    return ExitCode::could_not_run;
  }
  out.write(outcome_report(built, replay, *played, trace.path()));
  if (!played->packets_conserved) {
    err.write("packets not conserved: " + played->conservation_problem + "\n");
    return ExitCode::could_not_run;
  }
  return played->stopped ? ExitCode::interrupted : ExitCode::holds;
}

}  // namespace elblab::cli
