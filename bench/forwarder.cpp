// What a packet and a connection cost in one LVS node, against the same program's own baseline: the
// packet prepared and handed to an output without a node in between.
//
//   established  a data segment of one of N flows through fullNAT, in random or sequential order
//   answer       the same from the server's side
//   kept         both of these where the client's address is kept (DNAT), in random order
//   new          a SYN: lookup, listener, schedule, source port, two index entries, timer
//
// OneByOne: receive() per packet, as over a link; with many flows in random order two cache misses
// that depend on each other are most of it. InBatches: receive_batch() of 32, as from a ring.
//
// Counters: ns_over_baseline is the aim's figure (150 ns established, 800 ns new); bytes_per_flow
// is all memory of the node by its flows (aim: 128).
#include "models/forwarding/forwarder.hpp"

#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <vector>

#include "models/net/packet_builder.hpp"
#include "models/net/packet_view.hpp"
#include "models/random/stream.hpp"

namespace elblab::forwarding {
namespace {

constexpr std::size_t kServers = 8;
const net::Endpoint kVirtual{net::IpAddress::v4(198, 51, 100, 10), 80};

class Sink final : public network::NodeOutput {
 public:
  void send(std::span<const std::uint8_t> packet, network::Origin) override { last = packet; }
  std::span<const std::uint8_t> last;
};

config::LoadBalancer make_balancer(bool client_address_kept) {
  config::LoadBalancer balancer;
  balancer.profile = config::find_profile("shared");
  balancer.address = kVirtual.address;
  balancer.nodes.lvs = 1;
  balancer.source_pool.addresses = 4;
  balancer.connection_limit = 1u << 23;
  config::BackendGroup group;
  group.name = "app";
  for (std::size_t i = 0; i < kServers; ++i) {
    group.servers.push_back({"b" + std::to_string(i),
                             net::IpAddress::v4(10, 0, 2, static_cast<std::uint8_t>(i + 1)), 90, 1,
                             false});
  }
  balancer.groups.push_back(group);
  config::Listener listener;
  listener.name = "web";
  listener.port = {80, 80};
  listener.group = "app";
  listener.transfer_client_ip = client_address_kept;
  balancer.listeners.push_back(listener);
  return balancer;
}

net::Endpoint client(std::size_t n) {
  return {net::IpAddress::v4(0x0B000000u + static_cast<std::uint32_t>(n / 50000)),
          static_cast<std::uint16_t>(1024 + n % 50000)};
}

// A packet of 100 bytes whose endpoints are changed for each flow: always in the cache, so that
// what misses it is the node's.
class PacketTemplate {
 public:
  PacketTemplate(const net::Endpoint& from, const net::Endpoint& to, std::uint8_t flags,
                 std::uint32_t sequence = 1001, std::uint32_t acknowledgment = 5001) {
    net::IpFields ip;
    ip.source = from.address;
    ip.destination = to.address;
    net::TcpFields tcp;
    tcp.source_port = from.port;
    tcp.destination_port = to.port;
    tcp.flags = flags;
    tcp.sequence = sequence;
    tcp.acknowledgment = acknowledgment;
    const std::array<std::uint8_t, 60> payload{};
    const bool data = (flags & net::tcp_flag::syn) == 0;  // a SYN carries none
    bytes_.resize(200);
    bytes_.resize(net::build_tcp(bytes_, ip, tcp, {payload.data(), data ? payload.size() : 0}));
  }

  std::span<std::uint8_t> prepare(const net::Endpoint& from, const net::Endpoint& to,
                                  bool destination_too) {
    std::vector<std::uint8_t>& buffer = buffers_[next_++ % buffers_.size()];
    buffer = bytes_;
    net::PacketView view;
    net::PacketView::parse(buffer, view);
    view.set_source(from);
    if (destination_too) view.set_destination(to);
    return buffer;
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::array<std::vector<std::uint8_t>, 64> buffers_{std::vector<std::uint8_t>(200)};
  std::size_t next_ = 0;
};

// A node with N established flows, made once per N and mode.
class LoadedNode {
 public:
  LoadedNode(std::size_t flows, bool client_address_kept)
      : node(make_balancer(client_address_kept),
             NodeIdentity{0, 0, 1, 99, config::source_addresses(make_balancer(false))}, recorder) {
    PacketTemplate syn(client(0), kVirtual, net::tcp_flag::syn, 1000, 0);
    PacketTemplate ack(client(0), kVirtual, net::tcp_flag::ack, 1001, 5001);
    PacketTemplate syn_ack({net::IpAddress::v4(10, 0, 2, 1), 90}, kVirtual,
                           net::tcp_flag::syn | net::tcp_flag::ack, 5000, 1001);
    server_flows.reserve(flows);
    for (std::size_t n = 0; n < flows; ++n) {
      node.receive(syn.prepare(client(n), kVirtual, false), kStart, sink);
      net::PacketView view;
      net::PacketView::parse({const_cast<std::uint8_t*>(sink.last.data()), sink.last.size()}, view);
      server_flows.push_back(view.flow());
      node.receive(syn_ack.prepare(view.flow().destination, view.flow().source, true), kStart,
                   sink);
      node.receive(ack.prepare(client(n), kVirtual, false), kStart, sink);
    }
    if (node.gauges().established != flows) std::abort();  // the figures would be of something else
  }

  static LoadedNode& of(std::size_t flows, bool client_address_kept = false) {
    static std::map<std::pair<std::size_t, bool>, std::unique_ptr<LoadedNode>> nodes;
    auto& node = nodes[{flows, client_address_kept}];
    if (!node) node = std::make_unique<LoadedNode>(flows, client_address_kept);
    return *node;
  }

  telemetry::NullRecorder recorder;
  Sink sink;
  Forwarder node;
  std::vector<net::FlowKey> server_flows;
};

std::vector<std::uint32_t> visiting_order(std::size_t flows, bool random_order) {
  std::vector<std::uint32_t> order(flows);
  for (std::uint32_t i = 0; i < flows; ++i) order[i] = i;
  random::Stream random(1, "order");
  for (std::size_t i = flows; random_order && i > 1; --i) {
    std::swap(order[i - 1], order[random.below(i)]);
  }
  return order;
}

// Processor time of this thread: other load on the machine takes turns, and is not what a packet
// costs. (It still takes cache and memory bandwidth.)
struct Clock {
  static std::chrono::duration<double, std::nano> now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }
};

// Hands over packets one by one, as they arrive over a link.
struct OneByOne {
  static constexpr std::size_t kPackets = 1;
  static void receive(Forwarder& node, std::span<const std::span<std::uint8_t>> packets,
                      Sink& sink) {
    node.receive(packets.front(), kStart, sink);
  }
};

// Hands over packets as a packet ring gives them.
struct InBatches {
  static constexpr std::size_t kPackets = 32;
  static void receive(Forwarder& node, std::span<const std::span<std::uint8_t>> packets,
                      Sink& sink) {
    node.receive_batch(packets, kStart, sink);
  }
};

// Times the same loop with and without the node, and reports the difference.
template <typename Way, typename Prepare>
void measure(benchmark::State& state, LoadedNode& loaded, const std::vector<std::uint32_t>& order,
             Prepare&& prepare) {
  // Few enough that what the packets are made from stays in the second-level cache beside what the
  // node touches.
  constexpr std::size_t kBatch = 1024;
  std::array<std::span<std::uint8_t>, Way::kPackets> ring;
  const auto fill = [&](std::size_t from) {
    for (std::size_t k = 0; k < ring.size(); ++k) {
      ring[k] = prepare(order[(from + k) % order.size()]);
    }
  };
  std::size_t at = 0;
  double with = 0;
  double without = 0;
  // Of all batches: other load on the machine only ever adds.
  double least_with = 1e12;
  double least_without = 1e12;
  std::uint64_t packets = 0;
  for (auto _ : state) {
    const std::size_t begin = at;
    // What the packets are made from is in the cache for both loops, as in the second it would be.
    for (std::size_t i = 0; i < kBatch; i += Way::kPackets) fill(begin + i);
    const auto t0 = Clock::now();
    for (std::size_t i = 0; i < kBatch; i += Way::kPackets) {
      fill(begin + i);
      for (const std::span<std::uint8_t> packet : ring)
        loaded.sink.send(packet, network::Origin::made);
    }
    const auto t1 = Clock::now();
    for (std::size_t i = 0; i < kBatch; i += Way::kPackets) {
      fill(begin + i);
      Way::receive(loaded.node, ring, loaded.sink);
    }
    const auto t2 = Clock::now();
    at = (begin + kBatch) % order.size();
    const double this_without = (t1 - t0).count();
    const double this_with = (t2 - t1).count();
    without += this_without;
    with += this_with;
    least_without = std::min(least_without, this_without / kBatch);
    least_with = std::min(least_with, this_with / kBatch);
    packets += kBatch;
    benchmark::DoNotOptimize(loaded.sink.last.data());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(packets));
  const auto count = static_cast<double>(packets);
  state.counters["ns_packet"] = with / count;
  state.counters["ns_over_baseline"] = (with - without) / count;
  state.counters["ns_least"] = least_with - least_without;
  state.counters["bytes_per_flow"] = static_cast<double>(loaded.node.memory_bytes()) /
                                     static_cast<double>(loaded.server_flows.size());
}

template <typename Way>
void established(benchmark::State& state) {
  const auto flows = static_cast<std::size_t>(state.range(0));
  LoadedNode& loaded = LoadedNode::of(flows);
  PacketTemplate data(client(0), kVirtual, net::tcp_flag::ack);
  measure<Way>(state, loaded, visiting_order(flows, state.range(1) != 0),
               [&](std::uint32_t n) { return data.prepare(client(n), kVirtual, false); });
}
BENCHMARK_TEMPLATE(established, OneByOne)
    ->ArgNames({"flows", "random"})
    ->Args({1000, 1})
    ->Args({1000000, 0})
    ->Args({1000000, 1});
BENCHMARK_TEMPLATE(established, InBatches)
    ->ArgNames({"flows", "random"})
    ->Args({1000, 1})
    ->Args({1000000, 1});

template <typename Way>
void answer(benchmark::State& state) {
  const auto flows = static_cast<std::size_t>(state.range(0));
  LoadedNode& loaded = LoadedNode::of(flows);
  PacketTemplate data({net::IpAddress::v4(10, 0, 2, 1), 90}, kVirtual, net::tcp_flag::ack);
  measure<Way>(state, loaded, visiting_order(flows, true), [&](std::uint32_t n) {
    const net::FlowKey& flow = loaded.server_flows[n];
    return data.prepare(flow.destination, flow.source, true);
  });
}
BENCHMARK_TEMPLATE(answer, OneByOne)->ArgNames({"flows"})->Args({1000})->Args({1000000});
BENCHMARK_TEMPLATE(answer, InBatches)->ArgNames({"flows"})->Args({1000000});

template <typename Way>
void kept(benchmark::State& state) {
  const auto flows = static_cast<std::size_t>(state.range(0));
  LoadedNode& loaded = LoadedNode::of(flows, true);
  if (state.range(1) == 0) {
    PacketTemplate data(client(0), kVirtual, net::tcp_flag::ack);
    measure<Way>(state, loaded, visiting_order(flows, true),
                 [&](std::uint32_t n) { return data.prepare(client(n), kVirtual, false); });
  } else {
    PacketTemplate data({net::IpAddress::v4(10, 0, 2, 1), 90}, kVirtual, net::tcp_flag::ack);
    measure<Way>(state, loaded, visiting_order(flows, true), [&](std::uint32_t n) {
      const net::FlowKey& flow = loaded.server_flows[n];
      return data.prepare(flow.destination, flow.source, true);
    });
  }
}
BENCHMARK_TEMPLATE(kept, OneByOne)
    ->ArgNames({"flows", "answer"})
    ->Args({1000000, 0})
    ->Args({1000000, 1});
BENCHMARK_TEMPLATE(kept, InBatches)
    ->ArgNames({"flows", "answer"})
    ->Args({1000000, 0})
    ->Args({1000000, 1});

// Fills a node from nothing to N, reserved and not.
void new_connections(benchmark::State& state) {
  const auto flows = static_cast<std::size_t>(state.range(0));
  const auto order = visiting_order(flows, true);
  PacketTemplate syn(client(0), kVirtual, net::tcp_flag::syn);
  telemetry::NullRecorder recorder;
  Sink sink;
  double bytes = 0;
  double with = 0;
  double without = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto node = std::make_unique<Forwarder>(
        make_balancer(false),
        NodeIdentity{0, 0, 1, 99, config::source_addresses(make_balancer(false))}, recorder);
    if (state.range(1) != 0) node->reserve(flows);
    state.ResumeTiming();
    const auto t0 = Clock::now();
    for (const std::uint32_t n : order)
      sink.send(syn.prepare(client(n), kVirtual, false), network::Origin::made);
    const auto t1 = Clock::now();
    for (const std::uint32_t n : order) {
      node->receive(syn.prepare(client(n), kVirtual, false), kStart, sink);
    }
    const auto t2 = Clock::now();
    without += std::chrono::duration<double, std::nano>(t1 - t0).count();
    with += std::chrono::duration<double, std::nano>(t2 - t1).count();
    state.PauseTiming();
    if (node->gauges().all() != flows) state.SkipWithError("not every flow was opened");
    bytes = static_cast<double>(node->memory_bytes()) / static_cast<double>(flows);
    node.reset();
    state.ResumeTiming();
  }
  const auto count = static_cast<double>(state.iterations()) * static_cast<double>(flows);
  state.SetItemsProcessed(static_cast<std::int64_t>(count));
  state.counters["ns_over_baseline"] = (with - without) / count;
  state.counters["bytes_per_flow"] = bytes;
}
BENCHMARK(new_connections)
    ->ArgNames({"flows", "reserved"})
    ->Args({1000000, 0})
    ->Args({1000000, 1})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace elblab::forwarding

BENCHMARK_MAIN();
