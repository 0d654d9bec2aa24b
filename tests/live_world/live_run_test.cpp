// Whole live runs: complete traces, conservation, stopping, what is left behind.
#include "live/live_run.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <csignal>
#include <thread>

#include "analysis/trace/reader.hpp"
#include "live/network/file_descriptor.hpp"
#include "models/telemetry/measures.hpp"
#include "tests/live/needs_privileges.hpp"
#include "tests/live_world/live_scenario.hpp"
#include "tests/must.hpp"
#include "tests/worlds/filtered_scenario.hpp"
#include "tests/worlds/seen_packets.hpp"

namespace elblab::live {
namespace {

using namespace std::chrono_literals;
using namespace test;
using worlds::Progress;
using worlds::RunOutcome;
using worlds::RunResult;

BOOST_TEST_GLOBAL_FIXTURE(NeedsPrivileges);

std::unique_ptr<trace::Reader> open_trace(const std::filesystem::path& path) {
  return must(trace::Reader::open(path));
}

std::vector<std::string> objects_of(telemetry::MeasureScope scope) {
  switch (scope) {
    case telemetry::MeasureScope::host:
    case telemetry::MeasureScope::link:
      return {"c1", "b1", "b2"};
    case telemetry::MeasureScope::balancer:
      return {"balancer"};
    case telemetry::MeasureScope::server:
      return {"app/b1", "app/b2"};
    case telemetry::MeasureScope::workload:
      return {"burst"};
    case telemetry::MeasureScope::network:
      return {"network"};
    case telemetry::MeasureScope::middlebox:  // there is none: live_nat_test.cpp
    case telemetry::MeasureScope::listener:   // nothing in the scenario refuses packets
    case telemetry::MeasureScope::subnet:
    case telemetry::MeasureScope::grouped_host:
    case telemetry::MeasureScope::firewalled_host:
    case telemetry::MeasureScope::relay:
    case telemetry::MeasureScope::session_host:
    case telemetry::MeasureScope::user_workload:
    case telemetry::MeasureScope::sticky_group:
    case telemetry::MeasureScope::quic_group:
    case telemetry::MeasureScope::checked_balancer:
    case telemetry::MeasureScope::checked_server:
      return {};
  }
  return {};
}

// A live run in a process of its own.
class RunInChild {
 public:
  // The child tells its first progress, so that the parent knows when the run is going on.
  RunInChild(const language::Scenario& scenario, const std::filesystem::path& trace) {
    std::array<int, 2> pipe{};
    BOOST_REQUIRE_EQUAL(pipe2(pipe.data(), O_CLOEXEC), 0);
    pid_ = fork();
    BOOST_REQUIRE(pid_ >= 0);
    if (pid_ == 0) run(scenario, trace, pipe[1]);
    close(pipe[1]);
    report_ = FileDescriptor(pipe[0]);
  }
  ~RunInChild() {
    if (pid_ > 0) end(SIGKILL);
  }
  RunInChild(const RunInChild&) = delete;
  RunInChild& operator=(const RunInChild&) = delete;

  pid_t pid() const { return pid_; }
  bool await_progress() {
    char byte = 0;
    return read(report_.get(), &byte, 1) == 1;
  }
  void end(int signal) {
    kill(pid_, signal);
    wait();
  }
  // 0: the run ended well.
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

 private:
  [[noreturn]] static void run(const language::Scenario& scenario,
                               const std::filesystem::path& trace, int report) {
    RunOptions options;
    options.trace = trace;
    options.on_progress = [report](const Progress&) {
      const char byte = 1;
      return write(report, &byte, 1) == 1;
    };
    const RunOutcome ran = live::run(scenario, options);
    _exit(ran && ran->packets_conserved && !ran->stopped ? 0 : 1);
  }

  pid_t pid_ = -1;
  FileDescriptor report_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(live_run)

BOOST_AUTO_TEST_CASE(short_run_gives_a_complete_trace_with_every_series) {
  const TemporaryFolder folder;
  RunOptions options;
  options.trace = folder / "run.db";
  const RunResult result = must(live::run(short_connections(2s), options));
  BOOST_TEST(!result.stopped);
  BOOST_TEST(result.packets_conserved, result.conservation_problem);
  BOOST_TEST(result.end.connections == 200);
  BOOST_TEST(result.packets >= 1600);  // eight per connection at least, from both sides

  const auto reader = open_trace(options.trace);
  BOOST_TEST(reader->complete());
  BOOST_TEST(reader->metadata().world == "live");
  BOOST_TEST(reader->metadata().world_version == world_version(options.packet_io));
  std::size_t expected = 0;
  for (const telemetry::MeasureInfo& measure : telemetry::measures()) {
    for (const std::string& object : objects_of(measure.scope)) {
      BOOST_TEST(reader->find_series(std::string(measure.name), object).has_value(),
                 measure.name << "(" << object << ")");
      ++expected;
    }
  }
  BOOST_TEST(reader->series().size() == expected);
}

BOOST_AUTO_TEST_CASE(worlds_agree_on_what_kernel_wire_and_balancer_count) {
  const TemporaryFolder folder;
  RunOptions options;
  options.trace = folder / "run.db";
  BOOST_TEST(message_of(live::run(short_connections(2s), options)) == "");
  const auto reader = open_trace(options.trace);
  BOOST_TEST(total_of(*reader, "requests", "burst") == 200);
  BOOST_TEST(total_of(*reader, "responses", "burst") == 200);
  BOOST_TEST(total_of(*reader, "connected", "c1") == 200);
  BOOST_TEST(total_of(*reader, "accepted", "b1") + total_of(*reader, "accepted", "b2") == 200);
  BOOST_TEST(total_of(*reader, "m4_ncps", "balancer") == 200);
  // Two nodes, each of which begins with b1.
  BOOST_TEST(total_of(*reader, "scheduled", "app/b1") + total_of(*reader, "scheduled", "app/b2") ==
             200);
  BOOST_TEST(std::abs(total_of(*reader, "scheduled", "app/b1") - 100) <= 1);
  BOOST_TEST(total_of(*reader, "dropped", "balancer") == 0);
  // Everything the balancer saw of the client, the client's kernel had sent.
  BOOST_TEST(total_of(*reader, "packets_out", "c1") == total_of(*reader, "m5_in_pps", "balancer"));
  BOOST_TEST(total_of(*reader, "packets_in", "c1") == total_of(*reader, "m6_out_pps", "balancer"));
}

BOOST_AUTO_TEST_CASE(packets_of_the_trace_are_those_of_the_captures) {
  const TemporaryFolder folder;
  RunOptions options;
  options.trace = folder / "run.db";
  options.packets = worlds::PacketKeeping::all;
  options.pcap_folder = folder.path();
  BOOST_TEST(message_of(live::run(short_connections(1s), options)) == "");
  const auto reader = open_trace(options.trace);
  using enum telemetry::PacketAction;
  std::size_t packets = 0;
  for (const std::string host : {"c1", "b1", "b2"}) {
    const auto captured = worlds::test::capture_of(folder / (host + ".pcap"));
    BOOST_TEST((worlds::test::told_by(*reader, host, {sent, received}) == captured), host);
    packets += captured.size();
  }
  BOOST_TEST(packets >= 1600);
  // Nothing is lost on the way.
  BOOST_TEST(worlds::test::told_by(*reader, "balancer", {received}).size() * 2 == packets);
  BOOST_TEST(worlds::test::told_by(*reader, "balancer", {forwarded}).size() * 2 == packets);
}

BOOST_AUTO_TEST_CASE(rules_hold_for_kernels_as_for_simulated_hosts) {
  const TemporaryFolder folder;
  RunOptions options;
  options.trace = folder / "run.db";
  const RunResult result = must(live::run(scenario_from(worlds::test::kFilteredScenario), options));
  BOOST_TEST(result.packets_conserved, result.conservation_problem);
  const auto reader = open_trace(options.trace);
  BOOST_TEST(total_of(*reader, "responses", "allowed") == 20);
  BOOST_TEST(total_of(*reader, "responses", "balanced") == 20);
  for (const char* workload : {"stateless", "inbound", "dropped", "refused"}) {
    BOOST_TEST(total_of(*reader, "responses", workload) == 0, workload);
    BOOST_TEST(total_of(*reader, "request_failures", workload) == 20, workload);
  }
  BOOST_TEST(total_of(*reader, "packets_in", "b2") >= 20);
  BOOST_TEST(total_of(*reader, "security_group_blocked", "b1") == 0);
  BOOST_TEST(total_of(*reader, "security_group_blocked", "b2") ==
             total_of(*reader, "packets_out", "b2"));
  BOOST_TEST(total_of(*reader, "acl_blocked", "half") == total_of(*reader, "packets_out", "b3"));
  BOOST_TEST(total_of(*reader, "packets_in", "b4") == 0);
  BOOST_TEST(total_of(*reader, "firewall_blocked", "b4") >= 20);
  BOOST_TEST(total_of(*reader, "blocked_packets", "shut") == 20);
}

BOOST_AUTO_TEST_CASE(client_and_server_speak_ipv6) {
  auto scenario = short_connections(1s);
  const auto virtual_address = *net::IpAddress::parse("2001:db8::10");
  scenario.balancers.front().address_v6 = virtual_address;
  scenario.workloads[0].parameters.destination.address = virtual_address;
  for (std::size_t host = 0; host < scenario.hosts.size(); ++host) {
    const std::string name = "2001:db8:" + std::to_string(host + 1) + "::1";
    scenario.hosts[host].addresses = {*net::IpAddress::parse(name)};
  }
  for (std::size_t server = 0; server < 2; ++server) {
    scenario.balancers.front().groups[0].servers[server].address =
        scenario.hosts[server + 1].addresses.front();
  }
  const TemporaryFolder folder;
  RunOptions options;
  options.trace = folder / "run.db";
  const RunResult result = must(live::run(scenario, options));
  BOOST_TEST(result.packets_conserved, result.conservation_problem);
  const auto reader = open_trace(options.trace);
  BOOST_TEST(total_of(*reader, "responses", "burst") == 100);
  BOOST_TEST(total_of(*reader, "accepted", "b1") + total_of(*reader, "accepted", "b2") == 100);
  BOOST_TEST(total_of(*reader, "dropped", "balancer") == 0);
}

BOOST_AUTO_TEST_CASE(timeline_acts_on_links_services_and_settings) {
  const TemporaryFolder folder;
  RunOptions options;
  options.trace = folder / "run.db";
  const auto scenario = short_connections(3s, R"(timeline:
  - {at: 1s, disable_server: app/b2}
  - {at: 1s, set_sysctl: c1, name: net.ipv4.tcp_syn_retries, value: 2}
  - {at: 2s, link_down: c1}
)");
  const RunResult result = must(live::run(scenario, options));
  const auto reader = open_trace(options.trace);
  // From 1 s on every connection goes to b1; from 2 s on none gets through.
  // 100 ms of a busy machine's lateness are ten connections.
  BOOST_TEST(std::abs(total_of(*reader, "scheduled", "app/b2") - 50) <= 10);
  BOOST_TEST(std::abs(total_of(*reader, "scheduled", "app/b1") - 150) <= 10);
  BOOST_TEST(std::abs(total_of(*reader, "connected", "c1") - 200) <= 10);
  std::uint64_t down = 0;
  for (const trace::ReasonCount& row : reader->reason_counts()) {
    if (row.kind == "packet_dropped" && row.reason == "link_down") down += row.count;
  }
  BOOST_TEST(down >= 90);
}

// As in the simulation (tests/sim/operations_test.cpp): asked for at 1 s, in effect at 2 s; at 3 s
// b2 is gone. 100 ms of a busy machine's lateness are ten connections.
BOOST_AUTO_TEST_CASE(operations_move_the_traffic_and_leave_an_audit_trace) {
  const TemporaryFolder folder;
  RunOptions options;
  options.trace = folder / "run.db";
  auto scenario = short_connections(4s, R"(timeline:
  - {at: 1s, set: {balancer.groups.app.servers.b1.weight: 3}}
  - {at: 2s, remove: balancer.groups.app.servers.b2}
runs: {run: {set: {balancer.propagation_delay: 1s}}}
)");
  const RunResult result = must(live::run(scenario, options));
  BOOST_TEST(result.packets_conserved, result.conservation_problem);
  const auto reader = open_trace(options.trace);
  // 2 s of halves, 1 s of quarters, 1 s of nothing.
  BOOST_TEST(std::abs(total_of(*reader, "scheduled", "app/b1") - 275) <= 15);
  BOOST_TEST(std::abs(total_of(*reader, "scheduled", "app/b2") - 125) <= 15);
  auto rows = reader->query(
      "SELECT trace_name, requested_s, applied_s >= requested_s + 1,"
      " (SELECT count(*) FROM events_view e WHERE e.kind = 'scheduler_decision' AND"
      " e.peer = 'app/b2' AND e.at_s > o.applied_s AND o.trace_name = 'remove backend ecs')"
      " FROM operations_view o");
  BOOST_REQUIRE(rows.next());
  BOOST_TEST(trace::to_text(rows.row()[0]) == "update backend ecs");
  BOOST_TEST(trace::to_real(rows.row()[1]) == 1);
  BOOST_TEST(trace::to_integer(rows.row()[2]) == 1);
  BOOST_REQUIRE(rows.next());
  BOOST_TEST(trace::to_text(rows.row()[0]) == "remove backend ecs");
  BOOST_TEST(trace::to_integer(rows.row()[3]) == 0);
}

BOOST_AUTO_TEST_CASE(a_setting_that_the_kernel_refuses_ends_the_run_and_is_not_recorded) {
  auto scenario = short_connections(
      3s, "timeline:\n  - {at: 1s, set_sysctl: c1, name: net.ipv4.tcp_syn_retries, value: 2}\n");
  scenario.timeline[0].value = 1'000;  // tcp_syn_retries_max: 127
  const TemporaryFolder folder;
  RunOptions options;
  options.trace = folder / "run.db";
  const RunOutcome ran = live::run(scenario, options);
  BOOST_TEST(message_of(ran).find("timeline entry 1: 'c1': ") == 0, message_of(ran));
  BOOST_REQUIRE(!ran);
  BOOST_TEST((ran.error().so_far.end.simulated < kStart + 2s));
  const auto reader = open_trace(options.trace);
  BOOST_TEST(!reader->complete());
  for (const trace::ReasonCount& row : reader->reason_counts()) {
    BOOST_TEST(row.kind != "configuration_changed");
  }
}

BOOST_AUTO_TEST_CASE(
    run_that_is_asked_to_stop_leaves_a_readable_incomplete_trace_and_no_namespace) {
  const TemporaryFolder folder;
  RunOptions options;
  options.trace = folder / "run.db";
  options.on_progress = [](const Progress& progress) { return progress.connections < 20; };
  const RunResult result = must(live::run(short_connections(100s), options));
  BOOST_TEST(result.stopped);
  BOOST_TEST(result.packets_conserved, result.conservation_problem);
  BOOST_TEST(!open_trace(options.trace)->complete());
  BOOST_TEST(namespaces_of(getpid()).empty());
}

BOOST_AUTO_TEST_CASE(what_came_late_because_the_program_was_held_up_is_told) {
  RunOptions options;
  bool held_up = false;
  options.on_progress = [&](const Progress& progress) {
    if (held_up || progress.connections == 0) return true;
    held_up = true;
    std::this_thread::sleep_for(300ms);
    return true;
  };
  const RunResult result = must(live::run(short_connections(1s), options));
  // The next connection was due within 10 ms.
  BOOST_TEST((result.longest_delay >= 280ms));
  BOOST_REQUIRE(!result.warnings.empty());
  BOOST_TEST(result.warnings.front().find("ms late: this machine was too busy") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(nothing_is_left_of_a_run_that_ended_or_could_not_begin) {
  BOOST_TEST(message_of(live::run(short_connections(1s), {})) == "");
  BOOST_TEST(namespaces_of(getpid()).empty());
  auto refused = short_connections(1s);
  refused.hosts[0].time_wait = 30s;
  BOOST_TEST(live::run(refused, {}).error().message.find("net.ipv4.ip_local_port_range") !=
             std::string::npos);
  BOOST_TEST(namespaces_of(getpid()).empty());
}

BOOST_AUTO_TEST_CASE(what_a_killed_run_left_behind_goes_when_the_next_one_begins) {
  const TemporaryFolder folder;
  pid_t killed = 0;
  {
    RunInChild child(short_connections(100s), folder / "killed.db");
    killed = child.pid();
    BOOST_REQUIRE(child.await_progress());
    child.end(SIGKILL);
  }
  BOOST_TEST(namespaces_of(killed).size() == 4);  // the balancer's and three hosts'
  BOOST_TEST(message_of(live::run(short_connections(1s), {})) == "");
  BOOST_TEST(namespaces_of(killed).empty());
}

BOOST_AUTO_TEST_CASE(two_runs_side_by_side_do_not_see_each_other) {
  const TemporaryFolder folder;
  RunInChild first(short_connections(2s), folder / "first.db");
  RunInChild second(short_connections(2s), folder / "second.db");
  BOOST_TEST(first.await_progress());
  BOOST_TEST(second.await_progress());
  BOOST_TEST(first.wait() == 0);
  BOOST_TEST(second.wait() == 0);
  for (const char* name : {"first.db", "second.db"}) {
    const auto reader = open_trace(folder / name);
    BOOST_TEST(reader->complete());
    BOOST_TEST(total_of(*reader, "responses", "burst") == 200);
    BOOST_TEST(total_of(*reader, "m4_ncps", "balancer") == 200);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::live
