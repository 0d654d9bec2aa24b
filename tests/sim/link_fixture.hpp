// Two ends of a link in an empty world, and everything that comes out of them.
#pragma once

#include <ns3/node.h>

#include <functional>
#include <memory>
#include <ostream>
#include <vector>

#include "sim/clock.hpp"
#include "sim/link.hpp"
#include "sim/topology.hpp"

namespace elblab::sim::test {

struct Arrival {
  Instant at;
  std::vector<std::uint8_t> packet;
};

class CollectingSink final : public PacketSink {
 public:
  void arrive(std::span<std::uint8_t> packet) override {
    arrivals.push_back({now(), {packet.begin(), packet.end()}});
  }
  std::vector<Arrival> arrivals;
};

class CollectingRecorder final : public telemetry::Recorder {
 public:
  void record(const telemetry::Event& event) override { events.push_back(event); }
  void record(const telemetry::ConnectionRecord&) override {}
  void sample(telemetry::SeriesId, Instant, double) override {}
  std::vector<telemetry::Event> events;
};

inline const net::IpAddress kHostAddress = net::IpAddress::v4(10, 0, 0, 1);
inline const net::IpAddress kFarAddress = net::IpAddress::v4(192, 0, 2, 7);

// A UDP packet of `size` bytes in all (at least 32), number `number`.
std::vector<std::uint8_t> numbered_packet(End from, std::size_t size, std::uint32_t number);
std::uint32_t number_of(std::span<const std::uint8_t> packet);

class LinkFixture {
 public:
  explicit LinkFixture(const language::Link& parameters, std::uint64_t seed = 1);
  ~LinkFixture() { ns3::Simulator::Destroy(); }

  Link& link() { return *link_; }
  CollectingSink& at(End end) { return sinks_[index_of(end)]; }
  const std::vector<telemetry::Event>& events() const { return recorder_.events; }

  void at_time(Duration at, std::function<void()> action);
  void send_at(Duration at, End from, std::size_t size, std::uint32_t number);
  void run_until(Duration end);
  // CSMA: one packet each way ahead of time, so that both ends know their neighbour.
  void resolve_neighbours();
  std::uint64_t dropped_for(telemetry::Reason reason) const;

 private:
  CollectingRecorder recorder_;
  std::array<CollectingSink, 2> sinks_;
  ns3::Ptr<ns3::Node> host_;
  ns3::Ptr<ns3::Node> balancer_;
  Topology topology_;
  std::unique_ptr<Link> link_;
};

}  // namespace elblab::sim::test

namespace elblab::language {
inline std::ostream& operator<<(std::ostream& out, LinkKind kind) {
  const char* const names[] = {"point_to_point", "csma", "pooled"};
  return out << names[static_cast<std::size_t>(kind)];
}
}  // namespace elblab::language
