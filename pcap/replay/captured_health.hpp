// What the probes in a capture say of the servers (RPL-03): each node's verdicts by the rules that
// probes of this program are judged by, and what a console would have displayed.
//
// A server is known from its first probe on; before it, and where the capture holds none, nothing
// is said of it. Nodes count from their own first probe on. What the nodes find steers the engine's
// new connections as it steered the captured balancer's. Probes are never given to the engine.
//
// A check is the one of the balancer's file: a capture in which it was changed is judged by the
// settings that the file has.
#pragma once

#include <memory>
#include <vector>

#include "pcap/probes/probe_reader.hpp"
#include "pcap/replay/address_plan.hpp"
#include "scenarios/language/scenario.hpp"
#include "worlds/health/health_results.hpp"
#include "worlds/network.hpp"
#include "worlds/recording.hpp"

namespace elblab::replay {

// Of one server that the capture shows probes of.
struct ServerHealth {
  std::string name;          // "names/b1"
  std::size_t nodes = 0;     // that probe it
  std::uint64_t probes = 0;  // judged
  // Failures by reason, the most frequent first.
  std::vector<std::pair<telemetry::Reason, std::uint64_t>> failures;
  telemetry::Verdict displayed = telemetry::Verdict::unknown;  // at the end
  std::uint64_t changes = 0;                                   // of what is displayed
};

struct HealthReport {
  probes::ProbeCounts counts;
  std::uint64_t under_way = 0;  // when the capture ended: not judged
  std::vector<ServerHealth> servers;
};

class CapturedHealth final : public worlds::HealthResults {
 public:
  // sources: where probes come from, instead of the addresses that the balancers' own nodes have;
  // empty: those. All must outlive it.
  CapturedHealth(language::Balancers balancers, const std::vector<net::Subnet>& sources,
                 worlds::Network& network, const worlds::Objects& objects,
                 worlds::Recording& recording);
  ~CapturedHealth() override;

  // Whether any balancer checks the health of its servers at all.
  bool any() const;
  // True: it is a probe's, or an answer to one. As ProbeReader::take().
  bool take(const net::PacketView& packet, std::size_t captured, Instant at);
  Instant next_deadline() const;
  void advance(Instant now);
  HealthReport report() const;

  const worlds::HealthBoard* board(std::size_t balancer) const override;
  bool knows(std::size_t balancer, worlds::CheckedServer which) const override;
  bool knows_all(std::size_t balancer) const override;
  std::uint64_t probe_bytes(std::size_t balancer) const override;
  std::uint64_t probe_packets_sent(std::size_t balancer) const override;
  std::uint64_t probe_packets_received(std::size_t balancer) const override;

 private:
  class OfBalancer;

  std::vector<std::unique_ptr<OfBalancer>> balancers_;  // nullptr: it checks nobody's health
};

}  // namespace elblab::replay
