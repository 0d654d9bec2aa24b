#include "tests/torture/commands.hpp"

#include <fstream>
#include <stdexcept>

#include "tests/cli/program.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::torture {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScenario = R"(scenario: TORTURE-1
title: Enough connections for a trace of several commits
seeds: 1
hosts:
  c1: {role: client, link: {rate: 1Gbps, delay: 1ms}}
  b1: {role: server, link: {rate: 1Gbps, delay: 1ms}}
balancer:
  listeners: {web: {protocol: tcp, port: 80, group: app}}
  groups: {app: {servers: {b1: {port: 90}}}}
workload:
  burst: {from: c1, to: web, short_connections: 400/s, for: 40s, closes: client}
runs:
  only: {}
expect:
  only:
    - {measure: dropped(balancer), stat: total, equals: 0}
live:
  runs: {only: {}}
  set: {workload.burst.for: 2s, duration: 3s}
)";

test::Surroundings in(const fs::path& folder) {
  test::Surroundings here;
  here.folder = folder.string();
  return here;
}

}  // namespace

Commands::Commands(const fs::path& folder) {
  scenario_ = (folder / "TORTURE-1.elb.yaml").string();
  std::ofstream(scenario_) << kScenario;
  const test::Ended made =
      test::run_program({"run", scenario_, "--pcap", "-q", "--no-diagnosis"}, in(folder));
  capture_ = (folder / "out/TORTURE-1.only.seed1.pcap/c1.pcap").string();
  if (made.exit_code != 0 || !fs::exists(capture_)) throw std::runtime_error(made.err + made.out);
}

std::vector<std::string> Commands::words(Command command) const {
  switch (command) {
    case Command::run:
      return {"run", scenario_};
    case Command::replay:
      return {"replay", capture_, "--balancer", scenario_, "--trace", output_of(command)};
    case Command::sweep:
      return {"sweep", scenario_,         "--over", "workload.burst.for=5s,6s,7s,8s,9s,10s",
              "--out", output_of(command)};
    case Command::live:
      return {"live", scenario_};
  }
  return {};
}

std::string Commands::output_of(Command command) {
  switch (command) {
    case Command::run:
      return "out/TORTURE-1.only.seed1.db";
    case Command::replay:
      return "replay.db";
    case Command::sweep:
      return "sweep.csv";
    case Command::live:
      return "out/TORTURE-1.only.seed1.live.db";
  }
  return {};
}

std::chrono::duration<double> Commands::length(Command command) {
  const auto known = lengths_.find(command);
  if (known != lengths_.end()) return std::chrono::duration<double>(known->second);
  const testing::TemporaryFolder folder;
  const auto begin = std::chrono::steady_clock::now();
  const test::Ended ended = test::run_program(words(command), in(folder.path()));
  if (ended.exit_code != 0) throw std::runtime_error(ended.err + ended.out);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  lengths_[command] = took.count();
  return took;
}

}  // namespace elblab::torture
