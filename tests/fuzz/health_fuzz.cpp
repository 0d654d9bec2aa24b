// Any packets at any times to management hosts that probe servers over TCP, HTTP and UDP from one
// address: answers to probes whole, torn and wrong, echo replies, ICMP errors that quote probes of
// this node, of another one, or of nobody. Every probe ends within its deadline, exactly once, and
// nothing is left behind.
#include <memory>
#include <vector>

#include "models/health/prober.hpp"
#include "models/net/packet_view.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/fuzz/packet_sequence.hpp"
#include "worlds/health/management_host.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own
using fuzz::expect;

const net::IpAddress kProbing = net::IpAddress::v4(10, 0, 1, 250);
const net::Endpoint kServer{net::IpAddress::v4(10, 0, 2, 1), 90};
constexpr unsigned kNodes = 2;

struct Outgoing final : network::NodeOutput {
  void send(std::span<const std::uint8_t> packet, network::Origin) override {
    last.assign(packet.begin(), packet.end());
    net::PacketView view;
    expect(net::PacketView::parse(last, view) == net::ParseError::none, "what is sent parses");
    expect(view.ip_checksum_ok() && view.transport_checksum_ok(), "what is sent has checksums");
  }
  std::vector<std::uint8_t> last;
};

struct Results final : health::ProbeWatch {
  void probe_ended(const health::ProbeResult& result) override {
    expect(result.ended - result.started <= timeout, "no probe outlives its deadline");
    expect(result.target < ended.size(), "of a server that is probed");
    expect(result.started >= ended[result.target], "one probe of a server at a time");
    ended[result.target] = result.ended;
  }
  void probe_answered(health::TargetNumber target, Duration) override {
    expect(target < ended.size(), "of a server that is probed");
  }
  Duration timeout{};
  std::vector<Instant> ended = std::vector<Instant>(3, kStart);
};

health::Check check_by(config::ProbeProtocol protocol) {
  health::Check check;
  check.protocol = protocol;
  check.target = kServer;
  check.interval = std::chrono::seconds(2);
  check.timeout = std::chrono::seconds(1);
  check.retries = 2;
  if (protocol == config::ProbeProtocol::http) {
    check.request = "GET / HTTP/1.0\r\n\r\n";
    check.success_codes = {200};
  }
  return check;
}

// A node with one server of each kind.
struct Node {
  explicit Node(unsigned share)
      : host(options(share), random::Stream(1, "node"), nowhere),
        prober(host.sockets(), host, results) {
    host.on_echo_reply([this](const net::IpAddress& from, std::uint16_t number, Instant now) {
      prober.echo_reply(from, number, now);
    });
    host.add(prober);
    results.timeout = std::chrono::seconds(1);
    for (const auto protocol :
         {config::ProbeProtocol::tcp, config::ProbeProtocol::http, config::ProbeProtocol::udp}) {
      prober.begin(prober.add(random::Stream(share, "first")), check_by(protocol),
                   health::Verdict::unknown, kStart);
    }
    host.start(kStart);
  }
  static worlds::ManagementHostOptions options(unsigned share) {
    worlds::ManagementHostOptions options;
    options.host.name = "node";
    options.host.addresses = {kProbing};
    options.host.record_connections = false;
    options.share = share;
    options.shares = kNodes;
    return options;
  }

  telemetry::NullRecorder nowhere;
  Results results;
  worlds::ManagementHost host;
  health::Prober prober;
};

void run_timers(Node& node, Instant now, Outgoing& out) {
  int steps = 0;
  while (node.host.next_deadline() <= now) {
    const Instant deadline = std::max(node.host.next_deadline(), kStart);
    node.host.advance(deadline, out);
    expect(++steps < 100'000, "timers come to an end");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Outgoing out;
  std::vector<std::unique_ptr<Node>> nodes;
  for (unsigned share = 0; share < kNodes; ++share) nodes.push_back(std::make_unique<Node>(share));
  Instant now = kStart;
  fuzz::PacketSequence packets({data, size});
  fuzz::FuzzedPacket packet;
  while (packets.next(packet)) {
    // Half a minute at most at a time: a pause may be of minutes, in which nothing new happens.
    now += std::min<Duration>(packet.pause, std::chrono::seconds(30));
    for (const auto& node : nodes) run_timers(*node, now, out);
    if ((packet.options & 0x04) != 0) fuzz::answer(packet.bytes, out.last);
    net::PacketView view;
    if (net::PacketView::parse(packet.bytes, view) != net::ParseError::none) continue;
    unsigned claims = 0;
    for (const auto& node : nodes) {
      const network::Claim claim = node->host.claim(view);
      if (claim.kind == network::Claim::Kind::none) continue;
      expect(++claims == 1, "a packet to an address that they share is one node's");
      node->host.receive(view, packet.bytes.size(), claim, now, out);
    }
  }
  now += std::chrono::minutes(1);
  for (const auto& node : nodes) {
    run_timers(*node, now, out);
    node->host.finish(now);
    for (const Instant ended : node->results.ended) {
      expect(now - ended <= std::chrono::seconds(3), "probes go on whatever came");
    }
  }
  return 0;
}
