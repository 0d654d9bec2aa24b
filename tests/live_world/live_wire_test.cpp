// What passes the links of a live world: echo answered by the balancer, delay, loss, a port without
// a listener.
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <utility>

#include "models/net/icmp.hpp"
#include "models/net/packet_builder.hpp"
#include "tests/live/needs_privileges.hpp"
#include "tests/live_world/live_scenario.hpp"
#include "tests/live_world/stage.hpp"

namespace elblab::live {
namespace {

using namespace std::chrono_literals;
using namespace test;
using telemetry::Reason;

BOOST_TEST_GLOBAL_FIXTURE(NeedsPrivileges);

constexpr std::size_t kClient = 0;

sockaddr_in to_sockaddr(const net::IpAddress& address, std::uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_addr.s_addr = htonl(address.v4_value());
  result.sin_port = htons(port);
  return result;
}

// Echo requests from a raw socket of the client's kernel. raw(7).
class Pinger {
 public:
  Pinger(Stage& stage, const net::IpAddress& target) : stage_(stage), target_(target) {
    const NamespaceScope scope(stage.network(kClient));
    socket_ =
        FileDescriptor(socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP));
    BOOST_REQUIRE(socket_.open());
  }

  void send() {
    icmphdr request{};
    request.type = ICMP_ECHO;
    request.un.echo.id = htons(1);
    request.un.echo.sequence = htons(static_cast<std::uint16_t>(sent_++));
    std::uint32_t sum = 0;
    const auto* words = reinterpret_cast<const std::uint16_t*>(&request);
    for (std::size_t i = 0; i < sizeof request / 2; ++i) sum += words[i];
    while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
    request.checksum = static_cast<std::uint16_t>(~sum);
    const sockaddr_in address = to_sockaddr(target_, 0);
    BOOST_REQUIRE(sendto(socket_.get(), &request, sizeof request, 0,
                         reinterpret_cast<const sockaddr*>(&address), sizeof address) > 0);
  }
  // Answers so far; the kernel has checked them.
  std::uint64_t answers() {
    std::array<std::uint8_t, 2048> buffer{};
    while (recv(socket_.get(), buffer.data(), buffer.size(), 0) > 0) {
      if (buffer[20] == ICMP_ECHOREPLY) ++answers_;
    }
    return answers_;
  }
  std::uint64_t sent() const { return sent_; }

 private:
  Stage& stage_;
  net::IpAddress target_;
  FileDescriptor socket_;
  std::uint64_t sent_ = 0;
  std::uint64_t answers_ = 0;
};

// Is due once, on time, and then keeps the loop busy.
class Dawdler final : public workload::Application {
 public:
  Dawdler(Stage& stage, Duration length) : stage_(stage), length_(length) {}

  void start(Instant now) override { due_ = now; }
  Instant next_deadline() const override { return due_; }
  void advance(Instant) override {
    due_ = kNever;
    for (const Instant begin = stage_.now(); stage_.now() < begin + length_;) {
    }
    done = true;
  }

  bool done = false;

 private:
  Stage& stage_;
  Duration length_;
  Instant due_ = kNever;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(live_wire)

BOOST_AUTO_TEST_CASE(whatever_comes_during_a_long_turn_is_late_by_it) {
  Stage stage(short_connections(1s));
  Dawdler dawdler(stage, 50ms);
  KernelHost& client = *stage.world().hosts()[kClient];
  client.add(dawdler);
  dawdler.start(stage.now());
  BOOST_REQUIRE(stage.turn_until([&] { return dawdler.done; }));
  bool turned = false;
  BOOST_REQUIRE(stage.turn_until([&] { return std::exchange(turned, true); }));
  BOOST_TEST((stage.longest_delay() >= 50ms));
}

BOOST_AUTO_TEST_CASE(balancer_answers_echo_to_its_virtual_address) {  // FWD-12
  const auto scenario = short_connections(1s);
  Stage stage(scenario);
  Pinger pinger(stage, scenario.balancers.front().address);
  pinger.send();
  BOOST_TEST(stage.turn_until([&] { return pinger.answers() == 1; }));
  BOOST_TEST(stage.balancer().packets_absorbed == 1);
  BOOST_TEST(stage.balancer().packets_made == 1);
  // No host was asked.
  BOOST_TEST(stage.port(1).to_host().entered == 0);
  BOOST_TEST(stage.port(2).to_host().entered == 0);
}

BOOST_AUTO_TEST_CASE(round_trip_takes_the_delay_of_both_directions) {
  auto scenario = short_connections(1s);
  scenario.hosts[kClient].link.delay = 30ms;
  Stage stage(scenario);
  Pinger pinger(stage, scenario.balancers.front().address);
  Duration shortest = 1h;
  for (int i = 0; i < 5; ++i) {
    const Instant begin = stage.now();
    pinger.send();
    BOOST_REQUIRE(stage.turn_until([&] { return pinger.answers() == pinger.sent(); }));
    const Duration round_trip = stage.now() - begin;
    BOOST_TEST((round_trip >= 60ms));
    shortest = std::min(shortest, round_trip);
  }
  // A busy machine may be late once, not always.
  BOOST_TEST((shortest < 70ms));
}

BOOST_AUTO_TEST_CASE(direct_access_to_a_server_takes_the_delays_of_both_links) {
  auto scenario = short_connections(1s);
  scenario.hosts[0].link.delay = 10ms;
  scenario.hosts[1].link.delay = 20ms;
  Stage stage(scenario);
  Pinger pinger(stage, scenario.hosts[1].addresses.front());
  const Instant begin = stage.now();
  pinger.send();
  BOOST_TEST(stage.turn_until([&] { return pinger.answers() == 1; }));
  BOOST_TEST((stage.now() - begin >= 60ms));
}

BOOST_AUTO_TEST_CASE(injected_loss_lies_within_the_bounds_of_the_binomial_distribution) {
  constexpr double kLoss = 0.1;
  constexpr int kEchoes = 4000;
  auto scenario = short_connections(1s);
  scenario.hosts[kClient].link.loss = kLoss;
  Stage stage(scenario);
  Pinger pinger(stage, scenario.balancers.front().address);
  for (int i = 0; i < kEchoes; ++i) {
    pinger.send();
    // Everything sent has been answered or dropped, up to some that are under way.
    BOOST_REQUIRE(stage.turn_until(
        [&] { return pinger.answers() + stage.port(kClient).dropped() + 20 >= pinger.sent(); }));
  }
  BOOST_TEST(stage.turn_until(
      [&] { return pinger.answers() + stage.port(kClient).dropped() == kEchoes; }));
  const double answered = (1 - kLoss) * (1 - kLoss);
  const double deviation = std::sqrt(kEchoes * answered * (1 - answered));
  BOOST_TEST(std::abs(static_cast<double>(pinger.answers()) - kEchoes * answered) < 5 * deviation);
}

BOOST_AUTO_TEST_CASE(connection_to_a_port_without_listener_meets_silence) {
  const auto scenario = short_connections(1s);
  Stage stage(scenario);
  FileDescriptor client;
  {
    const NamespaceScope scope(stage.network(kClient));
    client = FileDescriptor(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  }
  const sockaddr_in address = to_sockaddr(scenario.balancers.front().address, 81);
  BOOST_TEST(connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
             -1);
  BOOST_TEST(errno == EINPROGRESS);
  BOOST_TEST(stage.turn_until([&] {
    return stage.balancer().dropped[static_cast<std::size_t>(Reason::no_listener)] >= 1;
  }));
  BOOST_TEST(stage.port(kClient).to_host().entered == 0);
  BOOST_TEST(stage.world().conservation_problem().value_or("") == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::live
