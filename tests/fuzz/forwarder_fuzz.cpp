// Any packets at any times through a balancer's node, by DNAT and by fullNAT: no packet is lost
// count of, what was right comes out right, and a batch does what its packets do one by one.
#include <algorithm>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "models/forwarding/forwarder.hpp"
#include "models/net/packet_view.hpp"
#include "tests/forwarding/scene.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/fuzz/packet_sequence.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own
using forwarding::Forwarder;
using fuzz::expect;

struct Silent final : telemetry::Recorder {
  void record(const telemetry::Event&) override {}
  void record(const telemetry::ConnectionRecord&) override {}
  void sample(telemetry::SeriesId, Instant, double) override {}
};

// So that the table fills up, and the ports run out.
config::LoadBalancer with_few_connections(config::LoadBalancer balancer) {
  balancer.connection_limit = 8;
  balancer.source_pool.ports = {1024, 1029};
  return balancer;
}

Forwarder node_of(const config::LoadBalancer& balancer, telemetry::Recorder& recorder) {
  forwarding::NodeIdentity identity;
  identity.hash_seed = 42;
  identity.source_addresses = config::source_addresses(balancer);
  return {balancer, identity, recorder};
}

using Packets = std::vector<std::vector<std::uint8_t>>;

struct Batch {
  Instant at;
  Packets packets;
};

void run_timers(Forwarder& node, Instant now, network::NodeOutput& out) {
  int steps = 0;
  while (node.next_deadline() <= now) {
    node.advance(node.next_deadline(), out);
    expect(++steps < 1'000'000, "timers come to an end");
  }
}

bool right(std::vector<std::uint8_t> packet) {
  net::PacketView view;
  return net::PacketView::parse(packet, view) == net::ParseError::none && view.ip_checksum_ok() &&
         view.transport_checksum_ok();
}

// Answers are made of what came out, so this is also where the packets are settled: `batches` gets
// them, those without a pause between them together.
Packets one_by_one(const config::LoadBalancer& balancer, std::span<const std::uint8_t> input,
                   std::vector<Batch>& batches) {
  Silent silent;
  forwarding::Basket out;
  Forwarder node = node_of(balancer, silent);
  fuzz::PacketSequence packets(input);
  fuzz::FuzzedPacket packet;
  Instant now = kStart;
  while (packets.next(packet)) {
    now += packet.pause;
    if (batches.empty() || packet.pause.count() != 0) batches.push_back({now, {}});
    run_timers(node, now, out);
    if ((packet.options & 0x04) != 0 && !out.packets.empty()) {
      fuzz::answer(packet.bytes, out.packets.back());
    }
    batches.back().packets.push_back(packet.bytes);
    const bool was_right = right(packet.bytes);
    const std::size_t before = out.packets.size();
    node.receive(packet.bytes, now, out);
    expect(node.counters().conserved(), "every packet is forwarded, taken or dropped");
    for (std::size_t i = before; was_right && i < out.packets.size(); ++i) {
      expect(right(out.packets[i]), "what comes in right goes out right");
    }
  }
  node.finish(now);
  expect(node.gauges().all() == 0, "nothing is held after the end");
  return out.packets;
}

Packets in_batches(const config::LoadBalancer& balancer, std::vector<Batch> batches) {
  Silent silent;
  forwarding::Basket out;
  Forwarder node = node_of(balancer, silent);
  for (Batch& batch : batches) {
    run_timers(node, batch.at, out);
    const std::vector<std::span<std::uint8_t>> spans(batch.packets.begin(), batch.packets.end());
    node.receive_batch(spans, batch.at, out);
  }
  expect(node.counters().conserved(), "every packet is forwarded, taken or dropped");
  return out.packets;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const config::LoadBalancer kKept =
      with_few_connections(forwarding::kept_address_balancer());
  static const config::LoadBalancer kFull = with_few_connections(forwarding::full_nat_balancer());
  for (const config::LoadBalancer* balancer : {&kKept, &kFull}) {
    std::vector<Batch> batches;
    const Packets out = one_by_one(*balancer, {data, size}, batches);
    expect(out == in_batches(*balancer, std::move(batches)), "batches do what their packets do");
  }
  return 0;
}
