// The network in trace time: a Fabric between the records of a capture and a file of
// what it sends, sampled into a trace.
//
// Everything happens in the order of model time: before a packet, every timer that is due by then,
// each at its own instant; timers before packets of the same nanosecond, as in simulation.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/net/endpoint_map.hpp"
#include "models/network/fabric.hpp"
#include "pcap/replay/captured_health.hpp"
#include "pcap/replay/packet_batch.hpp"
#include "pcap/replay/trace_time.hpp"
#include "pcap/writer.hpp"
#include "worlds/network.hpp"
#include "worlds/objects.hpp"
#include "worlds/recording.hpp"
#include "worlds/series_sampler.hpp"

namespace elblab::replay {

class Engine final : private network::PortOutput {
 public:
  struct Options {
    std::uint64_t seed = 1;
    std::vector<network::Route> routes;  // empty: every destination can be reached
    network::ReturnPath return_path = network::ReturnPath::newest;
    Duration sample_interval = std::chrono::seconds(1);
    // Where probes of health checks come from; empty: from the balancers' own nodes.
    std::vector<net::Subnet> probe_sources;
    // Whose filters hold for the hosts that its addresses name; nullptr: there are none.
    const language::Scenario* surroundings = nullptr;
  };
  // Sampling ends there: 55 hours at one sample a second.
  static constexpr std::uint64_t kMostSamples = 200'000;

  // recording and time must outlive the engine; so must writer, nullptr to write nothing.
  Engine(language::Balancers balancers, const Options& options, worlds::Recording& recording,
         const TraceTime& time, pcap::Writer* writer);

  void start(Instant at);
  // Timers and samples that are due, each at its own instant: up to and with `at`, or before it.
  void run_to(Instant at);
  void run_before(Instant at) { run_to(at - Duration{1}); }
  // At the instant that run_to() came to.
  void receive(PacketBatch::Packet& packet);
  // True: it is a probe's of a health check, or an answer to one, and has been judged as such.
  bool take_probe(const PacketBatch::Packet& packet);
  HealthReport health() const { return health_.report(); }
  // Ends every session's record and takes the last sample.
  void finish(Instant at);

  const worlds::Network& network() const { return network_; }
  std::uint64_t packets_received() const { return packets_received_; }
  std::uint64_t packets_sent() const { return packets_sent_; }
  std::uint64_t bytes_sent() const { return bytes_sent_; }
  bool sampling_ended_early() const { return samples_ >= kMostSamples; }

 private:
  void add_filters(const worlds::Wiring& wiring, const Options& options,
                   worlds::Recording& recording);
  // The port of the host that sent it, as its source says: where there are filters.
  network::PortIndex port_of(const net::PacketView& packet) const;
  void send(network::PortIndex port, std::span<const std::uint8_t> packet) override;
  Instant next_sample() const {
    return samples_ < kMostSamples ? sampler_.next_deadline() : kNever;
  }

  worlds::Objects objects_;
  worlds::Network network_;
  network::Fabric& fabric_;
  CapturedHealth health_;
  net::EndpointMap ports_;  // of hosts with filters, by address
  worlds::SeriesSampler sampler_;
  const TraceTime& time_;
  pcap::Writer* writer_;
  const PacketBatch::Packet* received_ = nullptr;  // while the fabric works on it
  Instant now_;
  std::uint64_t samples_ = 0;
  std::uint64_t packets_received_ = 0;
  std::uint64_t packets_sent_ = 0;
  std::uint64_t bytes_sent_ = 0;
};

}  // namespace elblab::replay
