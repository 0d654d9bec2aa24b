// Any packets at any times to a host that listens, connects, answers and closes: its books stay
// right, what it sends is right, and it keeps no more than it was sent.
#include <algorithm>
#include <vector>

#include "models/host/host.hpp"
#include "models/net/packet_view.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/fuzz/packet_sequence.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own
using fuzz::expect;

struct Silent final : telemetry::Recorder {
  void record(const telemetry::Event&) override {}
  void record(const telemetry::ConnectionRecord&) override {}
  void sample(telemetry::SeriesId, Instant, double) override {}
};

struct Outgoing final : net::PacketOutput {
  void send(std::span<const std::uint8_t> packet) override {
    last.assign(packet.begin(), packet.end());
    net::PacketView view;
    expect(net::PacketView::parse(last, view) == net::ParseError::none, "what is sent parses");
    expect(view.ip_checksum_ok() && view.transport_checksum_ok(), "what is sent has checksums");
    ++packets;
  }
  std::uint64_t packets = 0;
  std::vector<std::uint8_t> last;
};

// Takes connections, answers what arrives, closes when the peer has.
struct Application final : host::SocketEvents {
  host::Host* host = nullptr;
  void acceptable(host::ListenerId id, Instant now) override { host->accept(id, *this, now); }
  void received(host::SocketId id, std::span<const std::uint8_t> bytes, Instant now) override {
    host->send_pattern(id, bytes.size(), now);
  }
  void peer_finished(host::SocketId id, Instant now) override { host->close(id, now); }
  void datagram(host::SocketId id, const net::Endpoint& from, std::span<const std::uint8_t> bytes,
                Instant now) override {
    host->send_datagram(id, from, bytes, now);
  }
};

const net::IpAddress kOwnV4 = net::IpAddress::v4(10, 0, 2, 1);
const net::IpAddress kPeerV4 = net::IpAddress::v4(10, 0, 0, 1);

host::HostOptions options() {
  host::HostOptions options;
  options.name = "h";
  options.addresses = {kOwnV4, *net::IpAddress::parse("2001:db8:b::1")};
  return options;
}

void run_timers(host::Host& host, Instant now) {
  int steps = 0;
  while (host.next_deadline() <= now) {
    const Instant deadline = host.next_deadline();
    host.advance(deadline);
    expect(++steps < 1'000'000, "timers come to an end");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Silent silent;
  Outgoing out;
  host::Host host(options(), random::Stream(1, "h"), silent, out);
  Application application;
  application.host = &host;
  Instant now = kStart + std::chrono::seconds(1);
  host.listen({{}, 90, 8}, application, now);
  host.open_udp({{}, 53}, std::nullopt, application, now);
  // A connection on its way, whose SYN-ACK a packet may be.
  host.connect({kOwnV4, 40'000}, {kPeerV4, 80}, application, now);

  fuzz::PacketSequence packets({data, size});
  fuzz::FuzzedPacket packet;
  std::uint64_t count = 0;
  while (packets.next(packet)) {
    now += packet.pause;
    run_timers(host, now);
    if ((packet.options & 0x04) != 0) fuzz::answer(packet.bytes, out.last);
    host.receive(packet.bytes, now);
    const host::HostCounters& counters = host.counters();
    expect(counters.packets_in == ++count, "every packet is counted");
    expect(counters.packets_out == out.packets, "every packet sent is counted");
    // One packet makes one connection at most, besides the one that was there.
    expect(counters.open + counters.time_wait <= count + 1, "no connection out of nothing");
    expect(counters.established <= counters.open, "the established are open");
  }
  host.finish(now);
  return 0;
}
