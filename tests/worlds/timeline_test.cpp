// Changes that cannot be made: they are never recorded as made.
#include "worlds/timeline.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "models/workload/make_application.hpp"

namespace elblab::worlds::test {
namespace {

using namespace std::chrono_literals;
using Action = language::TimelineEntry::Action;
using telemetry::EventKind;

constexpr telemetry::ObjectId kHostObject = 7;

// Obeys or does not; has no sockets.
class FakeHost final : public Host {
 public:
  host::Sockets& sockets() override { std::abort(); }
  const host::HostCounters& counters() const override { return counters_; }
  void add(workload::Application&) override {}
  void touched() override {}
  std::optional<std::string> lacks_sysctl(const host::SysctlEntry& entry) const override {
    if (entry.name != lacking) return std::nullopt;
    return "it has no such thing";
  }
  Expected<void> set_sysctl(const host::SysctlEntry& entry, std::int64_t value) override {
    if (entry.name == refused) return Error{"not today"};
    settings.*entry.member = value;
    return {};
  }

  host::Sysctls settings;
  std::string lacking;
  std::string refused;

 private:
  host::HostCounters counters_;
};

// Sockets of a host whose ports are all taken, or all free.
class FakeSockets final : public host::Sockets {
 public:
  bool taken = false;

  std::optional<host::ListenerId> listen(const host::ListenOptions&, host::SocketEvents&,
                                         Instant) override {
    return taken ? std::nullopt : std::optional<host::ListenerId>(1);
  }
  void stop_listening(host::ListenerId, Instant) override {}
  host::ConnectResult open_udp(const net::Endpoint&, const std::optional<net::Endpoint>&,
                               host::SocketEvents&, Instant) override {
    if (taken) return {0, host::SocketError::address_in_use};
    return {1, host::SocketError::none};
  }
  host::ConnectResult connect(const net::Endpoint&, const net::Endpoint&, host::SocketEvents&,
                              Instant) override {
    return {};
  }
  host::SocketId accept(host::ListenerId, host::SocketEvents&, Instant) override { return 0; }
  host::SocketError send(host::SocketId, std::span<const std::uint8_t>, Instant) override {
    return {};
  }
  host::SocketError send_pattern(host::SocketId, std::uint64_t, Instant) override { return {}; }
  void shutdown(host::SocketId, Instant) override {}
  void close(host::SocketId, Instant) override {}
  void abort(host::SocketId, Instant) override {}
  host::SocketError send_datagram(host::SocketId, const net::Endpoint&,
                                  std::span<const std::uint8_t>, Instant) override {
    return {};
  }
  std::optional<net::Endpoint> local_endpoint(host::SocketId) const override { return {}; }
  std::optional<net::Endpoint> peer_endpoint(host::SocketId) const override { return {}; }
};

class EventList final : public telemetry::Recorder {
 public:
  void record(const telemetry::Event& event) override { events.push_back(event); }
  void record(const telemetry::ConnectionRecord&) override {}
  void sample(telemetry::SeriesId, Instant, double) override {}

  std::vector<telemetry::Event> events;
};

language::TimelineEntry entry(Duration at, Action action) {
  language::TimelineEntry result;
  result.at = kStart + at;
  result.action = action;
  result.target = "b1";
  return result;
}

language::TimelineEntry sysctl(Duration at, std::string name, std::int64_t value) {
  language::TimelineEntry result = entry(at, Action::set_sysctl);
  result.name = std::move(name);
  result.value = value;
  return result;
}

struct Stage {
  Stage(std::vector<language::TimelineEntry> entries, bool udp = false) {
    scenario.timeline = std::move(entries);
    scenario.hosts.emplace_back().name = "b1";
    objects.hosts = {kHostObject};
    workload::ServerParameters service;
    service.port = 90;
    service.udp = udp;
    server = workload::make_server(service, sockets);
  }

  Timeline timeline() {
    TimelineTargets targets;
    targets.hosts.push_back({&host, nullptr, {server.get()}});
    return {scenario, std::move(targets), objects, recorder};
  }

  language::Scenario scenario;
  FakeHost host;
  FakeSockets sockets;
  std::unique_ptr<workload::Server> server;
  Objects objects;
  EventList recorder;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(timeline)

BOOST_AUTO_TEST_CASE(a_change_that_is_made_is_recorded) {
  Stage stage({sysctl(1s, "net.ipv4.tcp_syn_retries", 2)});
  Timeline timeline = stage.timeline();
  BOOST_TEST(!timeline.problem());
  timeline.advance(kStart + 1s);
  BOOST_TEST(!timeline.failure());
  BOOST_TEST(stage.host.settings.tcp_syn_retries == 2);
  BOOST_REQUIRE_EQUAL(stage.recorder.events.size(), 1);
  BOOST_TEST((stage.recorder.events[0].kind == EventKind::configuration_changed));
  BOOST_TEST(stage.recorder.events[0].object == kHostObject);
}

BOOST_AUTO_TEST_CASE(a_setting_that_the_stack_lacks_is_said_before_the_run) {
  Stage stage({sysctl(1s, "net.ipv4.tcp_syn_retries", 2), sysctl(2s, "net.core.somaxconn", 2)});
  stage.host.lacking = "net.core.somaxconn";
  BOOST_TEST(stage.timeline().problem().value_or("") ==
             "timeline entry 2: 'b1': it has no such thing");
}

BOOST_AUTO_TEST_CASE(a_setting_that_nobody_knows_is_said_before_the_run) {
  Stage stage({sysctl(1s, "net.ipv4.no_such", 2)});
  BOOST_TEST(stage.timeline().problem().value_or("") ==
             "timeline entry 1: 'b1': there is no kernel setting 'net.ipv4.no_such'");
}

BOOST_AUTO_TEST_CASE(a_change_that_is_refused_fails_the_run_and_leaves_no_row) {
  Stage stage({sysctl(1s, "net.core.somaxconn", 2), sysctl(2s, "net.ipv4.tcp_syn_retries", 2),
               sysctl(3s, "net.core.somaxconn", 3)});
  stage.host.refused = "net.ipv4.tcp_syn_retries";
  Timeline timeline = stage.timeline();
  BOOST_TEST(!timeline.problem());
  timeline.advance(kStart + 10s);
  BOOST_TEST(timeline.failure().value_or("") == "timeline entry 2: 'b1': not today");
  BOOST_TEST(stage.recorder.events.size() == 1);
  // Nothing after it is made.
  BOOST_TEST(stage.host.settings.somaxconn == 2);
  BOOST_TEST((timeline.next_deadline() == kNever));
}

BOOST_AUTO_TEST_CASE(a_service_whose_port_cannot_be_opened_is_not_recorded_as_started) {
  for (const bool udp : {false, true}) {
    Stage stage({entry(1s, Action::stop_service), entry(2s, Action::start_service)}, udp);
    stage.server->start(kStart);
    Timeline timeline = stage.timeline();
    timeline.advance(kStart + 1s);
    BOOST_TEST(stage.recorder.events.size() == 1);
    BOOST_TEST(!stage.server->port_refused());
    stage.sockets.taken = true;
    timeline.advance(kStart + 2s);
    BOOST_TEST(stage.recorder.events.size() == 1);
    BOOST_TEST(stage.server->port_refused());
    BOOST_TEST(timeline.failure().value_or("") ==
               "timeline entry 2: 'b1': its port 90 could not be opened");
  }
}

BOOST_AUTO_TEST_CASE(a_service_that_never_got_its_port_is_known_as_such) {
  Stage stage({});
  stage.sockets.taken = true;
  BOOST_TEST(!stage.server->port_refused());  // nobody asked for it yet
  stage.server->start(kStart);
  BOOST_TEST(stage.server->port_refused());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::worlds::test
