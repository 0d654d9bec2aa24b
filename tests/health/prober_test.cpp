// A prober against sockets that do what each case says, at the nanosecond.
#include "models/health/prober.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <string>
#include <vector>

namespace elblab::health {
namespace {

using namespace std::chrono_literals;
using host::SocketError;
using host::SocketId;
using telemetry::Reason;

const net::Endpoint kServer{net::IpAddress::v4(192, 168, 1, 7), 90};

// Sockets that remember what was asked of them. The test tells what becomes of it.
class MadeSockets final : public host::Sockets, public EchoSender {
 public:
  struct Socket {
    host::SocketEvents* events = nullptr;
    net::Endpoint peer;
    bool udp = false;
    bool closed = false;
    std::string sent;
    unsigned datagrams = 0;
  };

  host::ConnectResult connect(const net::Endpoint&, const net::Endpoint& to,
                              host::SocketEvents& events, Instant) override {
    if (refuse_all) return {0, SocketError::address_not_available};
    sockets[++last] = {&events, to, false, false, {}, 0};
    return {last, SocketError::none};
  }
  host::ConnectResult open_udp(const net::Endpoint&, const std::optional<net::Endpoint>& peer,
                               host::SocketEvents& events, Instant) override {
    if (refuse_all) return {0, SocketError::address_not_available};
    sockets[++last] = {&events, *peer, true, false, {}, 0};
    return {last, SocketError::none};
  }
  SocketError send(SocketId socket, std::span<const std::uint8_t> bytes, Instant) override {
    sockets[socket].sent.append(bytes.begin(), bytes.end());
    return SocketError::none;
  }
  SocketError send_datagram(SocketId socket, const net::Endpoint&,
                            std::span<const std::uint8_t> bytes, Instant) override {
    BOOST_TEST(!bytes.empty());  // an empty one is sent by nobody
    ++sockets[socket].datagrams;
    return SocketError::none;
  }
  void close(SocketId socket, Instant) override { sockets[socket].closed = true; }
  bool send_echo(const net::IpAddress&, std::uint16_t number, Instant) override {
    echoes.push_back(number);
    return !refuse_all;
  }

  std::optional<host::ListenerId> listen(const host::ListenOptions&, host::SocketEvents&,
                                         Instant) override {
    return std::nullopt;
  }
  void stop_listening(host::ListenerId, Instant) override {}
  SocketId accept(host::ListenerId, host::SocketEvents&, Instant) override { return 0; }
  SocketError send_pattern(SocketId, std::uint64_t, Instant) override {
    return SocketError::not_connected;
  }
  void shutdown(SocketId, Instant) override {}
  void abort(SocketId, Instant) override {}
  std::optional<net::Endpoint> local_endpoint(SocketId) const override { return std::nullopt; }
  std::optional<net::Endpoint> peer_endpoint(SocketId) const override { return std::nullopt; }

  Socket& newest() { return sockets.at(last); }
  std::size_t open() const {
    std::size_t count = 0;
    for (const auto& [id, socket] : sockets) count += socket.closed ? 0 : 1;
    return count;
  }

  std::map<SocketId, Socket> sockets;
  SocketId last = 0;
  std::vector<std::uint16_t> echoes;
  bool refuse_all = false;
};

class Results final : public ProbeWatch {
 public:
  void probe_ended(const ProbeResult& result) override { all.push_back(result); }
  void probe_answered(TargetNumber, Duration took) override { answers.push_back(took); }
  std::vector<ProbeResult> all;
  std::vector<Duration> answers;
};

Check check_by(config::ProbeProtocol protocol) {
  Check check;
  check.protocol = protocol;
  check.target = kServer;
  check.interval = 5s;
  check.timeout = 3s;
  check.retries = 3;
  if (protocol == config::ProbeProtocol::http) {
    check.request = "GET / HTTP/1.0\r\n\r\n";
    check.success_codes = {200, 202, 401};
  }
  return check;
}

struct Scene {
  explicit Scene(config::ProbeProtocol protocol, Verdict initial = Verdict::unknown)
      : check(check_by(protocol)) {
    target = prober.add(random::Stream(1, "first"));
    prober.begin(target, check, initial, kStart);
  }
  // To the start of the next probe.
  void start() {
    now = prober.next_deadline();
    prober.advance(now);
  }
  // The prober's clock goes on, deadlines in between included.
  void pass(Duration time) {
    const Instant end = now + time;
    while (prober.next_deadline() <= end) {
      now = prober.next_deadline();
      prober.advance(now);
    }
    now = end;
  }
  host::SocketEvents& events() { return *sockets.newest().events; }
  void receive(const std::string& text) {
    events().received(sockets.last,
                      {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, now);
  }
  const ProbeResult& last() {
    BOOST_REQUIRE(!results.all.empty());
    return results.all.back();
  }

  MadeSockets sockets;
  Results results;
  Prober prober{sockets, sockets, results};
  Check check;
  TargetNumber target = 0;
  Instant now = kStart;
};

using config::ProbeProtocol;

}  // namespace

BOOST_AUTO_TEST_SUITE(prober)

BOOST_AUTO_TEST_CASE(of_tcp_passes_when_it_is_connected_and_closes) {
  Scene scene(ProbeProtocol::tcp);
  scene.start();
  scene.now += 2ms;
  scene.events().connected(scene.sockets.last, scene.now);
  BOOST_TEST(scene.last().passed());
  BOOST_TEST((scene.last().ended - scene.last().started == Duration(2ms)));
  BOOST_TEST((scene.last().after == Verdict::healthy));
  BOOST_TEST(scene.sockets.open() == 0u);
}

BOOST_AUTO_TEST_CASE(tells_why_a_connection_failed) {
  for (const auto& [error, reason] :
       {std::pair(SocketError::connection_refused, Reason::refused_by_peer),
        std::pair(SocketError::connection_reset, Reason::reset_by_peer),
        std::pair(SocketError::host_unreachable, Reason::unreachable),
        std::pair(SocketError::timed_out, Reason::timed_out)}) {
    Scene scene(ProbeProtocol::tcp);
    scene.start();
    scene.events().closed(scene.sockets.last, error, scene.now);
    BOOST_TEST((scene.last().reason == reason));
  }
}

// keepalived #1679, #2115: what could not be sent was no failure, and the server stayed up.
BOOST_AUTO_TEST_CASE(what_cannot_be_sent_is_a_failure_and_takes_the_server_out) {
  for (const auto protocol : {ProbeProtocol::tcp, ProbeProtocol::http, ProbeProtocol::udp}) {
    Scene scene(protocol, Verdict::healthy);
    scene.sockets.refuse_all = true;
    scene.pass(20s);
    BOOST_TEST((scene.last().reason == Reason::could_not_send));
    BOOST_TEST((scene.prober.verdict(scene.target) == Verdict::unhealthy));
  }
}

// haproxy #991: each byte that was read put the deadline off.
BOOST_AUTO_TEST_CASE(has_one_deadline_that_no_byte_moves) {
  Scene scene(ProbeProtocol::http);
  scene.start();
  const Instant started = scene.now;
  scene.events().connected(scene.sockets.last, scene.now);
  for (int i = 0; i < 29; ++i) {
    scene.pass(100ms);
    scene.receive(i == 0 ? "HTTP/1.0 " : "2");
  }
  BOOST_TEST(scene.results.all.empty());
  scene.pass(200ms);
  BOOST_TEST((scene.last().reason == Reason::no_answer));
  BOOST_TEST((scene.last().ended - started == scene.check.timeout));
}

BOOST_AUTO_TEST_CASE(of_http_judges_by_the_status_code) {
  for (const auto& [text, reason] :
       {std::pair("HTTP/1.0 200 OK\r\n\r\n", Reason::none),
        std::pair("HTTP/1.1 401 Unauthorized\r\n\r\n", Reason::none),
        std::pair("HTTP/1.1 301 Moved Permanently\r\n\r\n", Reason::wrong_code),  // HC-S21
        std::pair("HTTP/1.1 404 Not Found\r\n\r\n", Reason::wrong_code),          // HC-35
        std::pair("220 mail.example.com ESMTP\r\n", Reason::bad_answer)}) {
    Scene scene(ProbeProtocol::http);
    scene.start();
    scene.events().connected(scene.sockets.last, scene.now);
    BOOST_TEST(scene.sockets.newest().sent == scene.check.request);
    scene.receive(text);
    BOOST_TEST((scene.last().reason == reason), text);
    BOOST_TEST(scene.sockets.open() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(of_http_takes_an_end_without_an_answer_for_a_bad_one) {
  Scene scene(ProbeProtocol::http);
  scene.start();
  scene.events().connected(scene.sockets.last, scene.now);
  scene.receive("HTTP/1.0 2");
  scene.events().peer_finished(scene.sockets.last, scene.now);
  BOOST_TEST((scene.last().reason == Reason::bad_answer));
}

// HC-40: without the echo nothing is asked of the port.
BOOST_AUTO_TEST_CASE(of_udp_fails_without_an_echo_reply_and_sends_no_datagram) {
  Scene scene(ProbeProtocol::udp);
  scene.start();
  BOOST_TEST(scene.sockets.echoes.size() == 1u);
  scene.pass(3s);
  BOOST_TEST((scene.last().reason == Reason::echo_lost));
  BOOST_TEST(scene.sockets.sockets.empty());
}

// HC-41, HC-42.
BOOST_AUTO_TEST_CASE(of_udp_takes_silence_for_health_and_port_unreachable_for_none) {
  for (const bool unreachable : {false, true}) {
    Scene scene(ProbeProtocol::udp);
    scene.start();
    const Instant started = scene.now;
    scene.pass(10ms);
    scene.prober.echo_reply(kServer.address, scene.sockets.echoes.back(), scene.now);
    BOOST_TEST(scene.sockets.newest().datagrams == 1u);
    if (unreachable) {
      scene.pass(5ms);
      scene.events().closed(scene.sockets.last, SocketError::connection_refused, scene.now);
      BOOST_TEST((scene.last().reason == Reason::port_unreachable));
      BOOST_TEST((scene.last().ended - started == Duration(15ms)));
    } else {
      scene.pass(scene.check.timeout);
      BOOST_TEST(scene.last().passed());
      BOOST_TEST((scene.last().ended - started == scene.check.timeout));
    }
  }
}

BOOST_AUTO_TEST_CASE(of_udp_hears_the_reply_to_its_own_echo_only_and_not_too_late) {
  Scene scene(ProbeProtocol::udp);
  scene.start();
  const std::uint16_t number = scene.sockets.echoes.back();
  scene.prober.echo_reply(kServer.address, static_cast<std::uint16_t>(number + 1), scene.now);
  scene.prober.echo_reply(net::IpAddress::v4(192, 168, 1, 8), number, scene.now);
  BOOST_TEST(scene.sockets.sockets.empty());
  scene.pass(3s);
  BOOST_TEST((scene.last().reason == Reason::echo_lost));
  BOOST_TEST(scene.results.answers.empty());
  scene.pass(1s);
  scene.prober.echo_reply(kServer.address, number, scene.now);  // late
  BOOST_TEST(scene.sockets.sockets.empty());
  BOOST_REQUIRE(scene.results.answers.size() == 1u);
  BOOST_TEST((scene.results.answers.front() == Duration(4s)));  // and how late is told
  BOOST_TEST(scene.results.all.size() == 1u);
}

// HC-12 and 3.1 of the facts: the period is counted from start to start, whatever a probe takes.
BOOST_AUTO_TEST_CASE(probes_start_one_interval_after_the_other_whatever_they_take) {
  Scene scene(ProbeProtocol::udp);
  scene.check.timeout = scene.check.interval;  // the longest that a probe may take
  scene.prober.change(scene.target, scene.check, scene.now);
  scene.pass(60s);
  BOOST_REQUIRE(scene.results.all.size() >= 10u);
  BOOST_TEST((scene.results.all.front().started - kStart < scene.check.interval));
  for (std::size_t i = 1; i < scene.results.all.size(); ++i) {
    BOOST_TEST(
        (scene.results.all[i].started - scene.results.all[i - 1].started == scene.check.interval));
  }
}

// HC-12, HC-S02: uniform over the first interval. 20 equal cells, 4,000 draws: chi-square with 19
// degrees of freedom stays below 43.8 in 99.9 % of cases.
BOOST_AUTO_TEST_CASE(the_first_probe_is_at_a_random_moment_of_the_first_interval) {
  constexpr int kDraws = 4000;
  constexpr int kCells = 20;
  MadeSockets sockets;
  Results results;
  Prober prober(sockets, sockets, results);
  std::vector<int> cells(kCells, 0);
  const Check check = check_by(ProbeProtocol::tcp);
  for (int i = 0; i < kDraws; ++i) {
    Prober each(sockets, sockets, results);
    const TargetNumber target = each.add(random::Stream(7, "first/" + std::to_string(i)));
    each.begin(target, check, Verdict::unknown, kStart);
    const Duration first = each.next_deadline() - kStart;
    BOOST_REQUIRE((first >= Duration(0) && first < check.interval));
    ++cells[static_cast<std::size_t>(first * kCells / check.interval)];
  }
  double chi_square = 0;
  for (const int n : cells) {
    const double expected = static_cast<double>(kDraws) / kCells;
    chi_square += (n - expected) * (n - expected) / expected;
  }
  BOOST_TEST(chi_square < 43.8);
}

// HC-17.
BOOST_AUTO_TEST_CASE(changed_settings_take_effect_within_the_old_interval_and_timeout) {
  Scene scene(ProbeProtocol::tcp);
  scene.start();
  Check changed = scene.check;
  changed.target.port = 91;
  changed.interval = 1s;
  changed.timeout = 1s;
  scene.pass(500ms);
  scene.prober.change(scene.target, changed, scene.now);
  // The probe under way goes on to its old target, until its old deadline.
  BOOST_TEST(scene.sockets.newest().peer.port == 90);
  scene.pass(scene.check.timeout - 500ms);
  BOOST_TEST((scene.last().ended - scene.last().started == scene.check.timeout));
  BOOST_TEST(scene.sockets.newest().peer.port == 91);
}

BOOST_AUTO_TEST_CASE(stops_without_a_result_and_knows_nothing_when_it_begins_again) {
  Scene scene(ProbeProtocol::tcp, Verdict::healthy);
  scene.start();
  scene.prober.stop(scene.target, scene.now);
  BOOST_TEST(scene.sockets.open() == 0u);
  BOOST_TEST((scene.prober.next_deadline() == kNever));
  BOOST_TEST(scene.results.all.empty());
  BOOST_TEST((scene.prober.verdict(scene.target) == Verdict::unknown));
  scene.prober.begin(scene.target, scene.check, Verdict::unknown, scene.now);
  BOOST_TEST((scene.prober.next_deadline() < scene.now + scene.check.interval));
}

// HC-18.
BOOST_AUTO_TEST_CASE(what_no_listener_leads_to_fails_without_a_packet) {
  Scene scene(ProbeProtocol::tcp, Verdict::healthy);
  scene.check.impossible = Reason::no_listener;
  scene.prober.change(scene.target, scene.check, scene.now);
  scene.pass(20s);
  BOOST_TEST(scene.sockets.sockets.empty());
  BOOST_TEST((scene.prober.verdict(scene.target) == Verdict::unhealthy));
}

// Whatever sockets and echoes do: no probe outlives its deadline, each ends once, at most one is
// under way for each server, and no socket is left behind.
BOOST_AUTO_TEST_CASE(no_probe_outlives_its_deadline_whatever_comes) {
  random::Stream random(3, "anything");
  for (int trial = 0; trial < 60; ++trial) {
    MadeSockets sockets;
    Results results;
    Prober prober(sockets, sockets, results);
    const std::size_t servers = 1 + random.below(4);
    std::vector<Check> checks;
    Instant now = kStart;
    for (std::size_t i = 0; i < servers; ++i) {
      constexpr ProbeProtocol kKinds[]{ProbeProtocol::tcp, ProbeProtocol::http, ProbeProtocol::udp};
      Check check = check_by(kKinds[random.below(3)]);
      check.interval = std::chrono::seconds(1 + random.below(5));
      check.timeout = std::min<Duration>(check.interval, std::chrono::seconds(1 + random.below(5)));
      checks.push_back(check);
      prober.add(random::Stream(trial, "first/" + std::to_string(i)));
      prober.begin(static_cast<TargetNumber>(i), check, Verdict::unknown, now);
    }
    for (int step = 0; step < 400; ++step) {
      const Instant next = now + std::chrono::milliseconds(random.below(700));
      while (prober.next_deadline() <= next) {
        now = prober.next_deadline();
        prober.advance(now);
      }
      now = next;
      if (sockets.last == 0) continue;
      const SocketId id = 1 + random.below(sockets.last);
      MadeSockets::Socket& socket = sockets.sockets[id];
      if (socket.closed) continue;
      switch (random.below(6)) {
        case 0:
          if (!socket.udp && socket.sent.empty()) socket.events->connected(id, now);
          break;
        case 1: {
          const std::string text = random.chance(0.5) ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 5";
          if (!socket.udp && !socket.sent.empty()) {
            socket.events->received(
                id, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, now);
          }
          break;
        }
        case 2:
          socket.closed = true;
          socket.events->closed(id, SocketError::connection_refused, now);
          break;
        case 3:
          if (!sockets.echoes.empty()) {
            prober.echo_reply(kServer.address, sockets.echoes[random.below(sockets.echoes.size())],
                              now);
          }
          break;
        case 4:
          if (!socket.udp) socket.events->peer_finished(id, now);
          break;
        default:
          break;
      }
      BOOST_REQUIRE(sockets.open() <= servers);
    }
    std::vector<Instant> last_end(servers, kStart);
    for (const ProbeResult& result : results.all) {
      BOOST_REQUIRE((result.ended - result.started <= checks[result.target].timeout));
      BOOST_REQUIRE((result.started >= last_end[result.target]));
      last_end[result.target] = result.ended;
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::health
