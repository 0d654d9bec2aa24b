// `elblab live` as a person uses it: verdict, interrupt, missing rights, a command in a namespace.
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "live/network/namespace_name.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/scenario_folder.hpp"
#include "tests/live/needs_privileges.hpp"
#include "tests/must.hpp"

namespace elblab::test {
namespace {

using live::NeedsPrivileges;
BOOST_TEST_GLOBAL_FIXTURE(NeedsPrivileges);

constexpr const char* kScenario = R"(scenario: LIVE-1
title: A few short connections on real hosts
profile: dedicated
hosts:
  c1: {role: client, link: {rate: 1Gbps, delay: 1ms}}
  b1: {role: server, link: {rate: 1Gbps, delay: 200us}}
balancer:
  listeners: {web: {protocol: tcp, port: 80, group: app}}
  groups:    {app: {servers: {b1: {port: 90}}}}
workload:
  burst: {from: c1, to: web, short_connections: 50/s, for: 100s, request: 200B, response: 1KB, closes: client}
runs:
  only: {}
  simulated: {title: not run live}
expect:
  all:
    - {measure: dropped(balancer), stat: total, equals: 0}
live:
  runs: {only: {}}
  set: {workload.burst.for: 1s, duration: 2s}
  expect:
    only:
      - {measure: connected(c1), stat: total, equals: 50}
      - {measure: time_wait(c1), stat: last, equals: 50}
)";

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Those of runs that have ended.
std::set<std::string> namespaces_left() {
  std::set<std::string> names;
  std::error_code none;
  for (std::filesystem::directory_iterator entry(live::kNamespaceDirectory, none), end;
       !none && entry != end; entry.increment(none)) {
    std::string name = entry->path().filename().string();
    const auto owner = live::namespace_owner(name);
    if (owner && live::identify_process(owner->pid) != owner) names.insert(std::move(name));
  }
  return names;
}

struct Fixture {
  Fixture() : file(folder.write("LIVE-1.elb.yaml", kScenario)) {
    here.folder = folder.path().string();
  }
  // Under way, its namespaces made.
  std::unique_ptr<Program> long_run() {
    std::filesystem::remove(trace);
    auto program = std::make_unique<Program>(
        std::vector<std::string>{"live", file, "--set", "workload.burst.for=500s", "--set",
                                 "duration=501s"},
        here);
    BOOST_REQUIRE(program->wait_for_error_text("LIVE-1 only seed 1 live  started"));
    const auto before = std::chrono::steady_clock::now();
    while (!std::filesystem::exists(trace) &&
           std::chrono::steady_clock::now() - before < std::chrono::seconds(10)) {
      usleep(10'000);
    }
    usleep(300'000);
    return program;
  }
  void check_trace() {
    const auto reader = must(trace::Reader::open(trace));
    BOOST_TEST(!reader->complete());
    reader->digest();
    BOOST_TEST(!reader->problem());
  }
  ScenarioFolder folder;
  std::string file;
  Surroundings here;
  std::filesystem::path trace = folder.path() / "out" / "LIVE-1.only.seed1.live.db";
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(live_command, Fixture)

BOOST_AUTO_TEST_CASE(live_runs_of_the_scenario_are_run_and_judged) {
  const Ended ended = run_program({"live", file}, here);
  BOOST_TEST(ended.exit_code == 0, ended.out + ended.err);
  BOOST_TEST(holds(ended.out, "2 s live   50 connections"), ended.out);
  BOOST_TEST(holds(ended.out, "holds: 1 run, 2 expectations"), ended.out);
  const auto reader =
      must(trace::Reader::open(folder.path() / "out" / "LIVE-1.only.seed1.live.db"));
  BOOST_TEST(reader->complete());
  BOOST_TEST(reader->metadata().world == "live");
}

BOOST_AUTO_TEST_CASE(failed_expectation_is_exit_code_1) {
  const Ended ended =
      run_program({"live", file, "--set", "workload.burst.short_connections=10/s"}, here);
  BOOST_TEST(ended.exit_code == 1, ended.out + ended.err);
}

BOOST_AUTO_TEST_CASE(interrupt_stops_the_run_and_leaves_an_incomplete_trace) {
  Program program({"live", file, "--set", "workload.burst.for=500s", "--set", "duration=501s"},
                  here);
  BOOST_REQUIRE(program.wait_for_error_text("LIVE-1 only seed 1 live  started"));
  program.send_signal(SIGINT);
  const Ended ended = program.wait();
  BOOST_TEST(ended.exit_code == 130, ended.out + ended.err);
  BOOST_TEST(holds(ended.err, "1 stopped midway"), ended.err);
}

BOOST_AUTO_TEST_CASE(every_signal_that_ends_a_terminal_or_a_service_leaves_no_namespace) {
  const auto before = namespaces_left();
  for (const int signal : {SIGHUP, SIGTERM, SIGQUIT, SIGXCPU}) {
    BOOST_TEST_CONTEXT("signal " << signal) {
      const auto program = long_run();
      program->send_signal(signal);
      const Ended ended = program->wait();
      BOOST_TEST(ended.exit_code == 130, ended.out + ended.err);
      BOOST_TEST(holds(ended.err, "1 stopped midway"), ended.err);
      BOOST_TEST((namespaces_left() == before));
      check_trace();
    }
  }
}

BOOST_AUTO_TEST_CASE(a_run_that_is_killed_out_of_impatience_leaves_no_namespace) {
  const auto before = namespaces_left();
  const auto program = long_run();
  for (int i = 0; i < 2; ++i) {
    program->send_signal(SIGINT);
    usleep(2'000);  // or two become one
  }
  BOOST_TEST(program->wait().exit_code == 130);
  BOOST_TEST((namespaces_left() == before));
}

BOOST_AUTO_TEST_CASE(a_terminal_that_closes_may_say_so_twice) {
  const auto program = long_run();
  for (int i = 0; i < 4; ++i) {
    program->send_signal(SIGHUP);
    usleep(2'000);
  }
  const Ended ended = program->wait();
  BOOST_TEST(ended.exit_code == 130, ended.out + ended.err);
  BOOST_TEST(holds(ended.err, "1 stopped midway"), ended.err);
  check_trace();
}

BOOST_AUTO_TEST_CASE(a_program_that_is_killed_leaves_no_namespace_after_a_moment) {
  const auto before = namespaces_left();
  const auto program = long_run();
  program->send_signal(SIGKILL);
  // The run itself goes on until it notices; it holds the pipes of the program.
  BOOST_TEST(program->wait().exit_code == 128 + SIGKILL);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(6);
  while (namespaces_left() != before && std::chrono::steady_clock::now() < end) usleep(20'000);
  BOOST_TEST((namespaces_left() == before));
  check_trace();
}

BOOST_AUTO_TEST_CASE(without_rights_there_is_one_message_and_exit_code_4) {
  here.without_rights = true;
  const Ended ended = run_program({"live", file}, here);
  BOOST_TEST(ended.exit_code == 4, ended.out + ended.err);
  BOOST_TEST(ended.out == "");
  BOOST_TEST(std::count(ended.err.begin(), ended.err.end(), '\n') == 1, ended.err);
  BOOST_TEST(holds(ended.err, "CAP_NET_ADMIN"), ended.err);
}

BOOST_AUTO_TEST_CASE(command_runs_in_the_clients_namespace) {
  const Ended ended =
      run_program({"live", "--shell", file, "--", "ip", "-o", "addr", "show", "dev", "eth0"}, here);
  BOOST_TEST(ended.exit_code == 0, ended.err);
  BOOST_TEST(holds(ended.out, "203.0.113.1/32"), ended.out);
  BOOST_TEST(run_program({"live", "--shell", file, "--", "sh", "-c", "exit 7"}, here).exit_code ==
             7);
  const Ended nowhere = run_program({"live", "--shell", file, "--in", "b9"}, here);
  BOOST_TEST(nowhere.exit_code == 2);
  BOOST_TEST(nowhere.err == "--in: there is no host 'b9' (there are: c1, b1)\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::test
