// Any packets at any times through a NAT box, from inside and outside: no packet is lost count of,
// what was right comes out right, a flow keeps its outer endpoint and its answers find back, tables
// stay within their bounds, and the same input does the same again.
//
// The first byte chooses the box: 0x01 a mapping per destination, 0x06 the order of ports, 0x18 the
// quarantine. The rest is a packet_sequence.hpp, with two more options per packet: 0x08 it comes
// from an inside host, 0x10 it goes to an outer address (the last byte of the address decides
// which).
#include <algorithm>
#include <array>
#include <vector>

#include "models/config/validation.hpp"
#include "models/middlebox/network_address_translator.hpp"
#include "models/net/icmp.hpp"
#include "tests/forwarding/scene.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/fuzz/packet_sequence.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own
using fuzz::expect;
using middlebox::NetworkAddressTranslator;

constexpr std::uint64_t kPorts = 4;
constexpr std::uint64_t kSessions = 24;
const net::IpAddress kInside = net::IpAddress::v4(10, 1, 0, 0);
const net::IpAddress kOuter = net::IpAddress::v4(198, 51, 100, 0);

config::Nat box_of(std::uint8_t choice) {
  constexpr std::array<Duration, 4> kQuarantines{Duration(0), std::chrono::milliseconds(5),
                                                 std::chrono::minutes(4), std::chrono::minutes(9)};
  config::Nat nat;
  nat.addresses = {kOuter, kOuter.plus(1)};
  nat.inside = {net::Subnet(kInside, 30), net::Subnet(kInside.plus(8), 32)};
  nat.ports = {1024, 1024 + kPorts - 1};
  nat.mapping = (choice & 0x01) != 0 ? config::NatMapping::per_destination
                                     : config::NatMapping::endpoint_independent;
  nat.order = static_cast<config::PortOrder>((choice >> 1 & 3) % 3);
  nat.quarantine = kQuarantines[choice >> 3 & 3];
  nat.session_limit = kSessions;
  expect(config::validate(nat).empty(), "the box is one that may be configured");
  return nat;
}

// Sends a packet the way its options ask for.
void direct(fuzz::FuzzedPacket& packet) {
  net::PacketView view;
  if (net::PacketView::parse(packet.bytes, view) != net::ParseError::none || !view.is_v4()) return;
  if ((packet.options & 0x08) != 0) {
    view.set_source({kInside.plus(view.source().v4_value() & 3), view.source_port()});
  }
  if ((packet.options & 0x10) != 0) {
    view.set_destination({kOuter.plus(view.destination().v4_value() & 1), view.destination_port()});
  }
}

bool right(std::vector<std::uint8_t> packet) {
  net::PacketView view;
  return net::PacketView::parse(packet, view) == net::ParseError::none && view.ip_checksum_ok() &&
         view.transport_checksum_ok();
}

void run_timers(NetworkAddressTranslator& box, Instant now, network::NodeOutput& out) {
  int steps = 0;
  while (box.next_deadline() <= now) {
    box.advance(box.next_deadline(), out);
    expect(++steps < 1'000'000, "timers come to an end");
  }
}

void check_bounds(const NetworkAddressTranslator& box) {
  const middlebox::NatGauges gauges = box.gauges();
  expect(box.counts().conserved, "every packet is sent on or dropped");
  expect(gauges.sessions <= kSessions, "no more sessions than allowed");
  expect(gauges.mappings <= gauges.sessions, "every mapping has a session");
  expect(gauges.ports_in_use <= std::min(gauges.mappings, gauges.ports), "a port is one mapping's");
}

void check_flow(const NetworkAddressTranslator& box, const network::Claim& claim,
                std::vector<std::uint8_t> sent) {
  net::PacketView view;
  expect(net::PacketView::parse(sent, view) == net::ParseError::none, "what is sent parses");
  if (!view.has_ports()) return;
  if (const auto outer = box.outer_flow(claim.flow)) {  // it came from inside
    expect(outer->source == view.flow().source, "a flow from inside has its outer source");
  } else {
    const auto answer = box.outer_flow(view.flow().reversed());
    expect(answer && *answer == claim.flow.reversed(), "a flow from outside has found its own");
  }
}

std::vector<std::vector<std::uint8_t>> run(std::span<const std::uint8_t> input) {
  telemetry::NullRecorder recorder;
  forwarding::Basket out;
  NetworkAddressTranslator box(box_of(input[0]), random::Stream(1, "nat"), 1, recorder);
  fuzz::PacketSequence packets(input.subspan(1));
  fuzz::FuzzedPacket packet;
  Instant now = kStart;
  while (packets.next(packet)) {
    now += packet.pause;
    run_timers(box, now, out);
    direct(packet);
    if ((packet.options & 0x04) != 0 && !out.packets.empty()) {
      fuzz::answer(packet.bytes, out.packets.back());
    }
    const bool was_right = right(packet.bytes);
    net::PacketView view;
    if (net::PacketView::parse(packet.bytes, view) != net::ParseError::none) continue;
    const network::Claim claim = box.claim(view);
    if (claim.kind == network::Claim::Kind::none) continue;
    const std::size_t before = out.packets.size();
    expect(box.receive(view, packet.bytes.size(), claim, now, out), "what it claims it takes");
    check_bounds(box);
    expect(out.packets.size() <= before + 1, "it makes no packets");
    if (out.packets.size() == before) continue;
    expect(!was_right || right(out.packets.back()), "what comes in right goes out right");
    check_flow(box, claim, out.packets.back());
  }
  box.finish(now);
  const middlebox::NatGauges left = box.gauges();
  expect(left.sessions == 0 && left.mappings == 0 && left.ports_in_use == 0,
         "nothing is held after the end");
  expect(box.translation_counters().sessions_opened == box.translation_counters().sessions_closed,
         "every session is recorded once");
  return out.packets;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  expect(run({data, size}) == run({data, size}), "the same input does the same");
  return 0;
}
