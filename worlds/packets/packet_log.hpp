// The packets of chosen connections, for the trace: what a ladder diagram shows.
//
// A world tells it every packet at both ends of each host's link that it has; fabrics tell it what
// passes through them: each balancer and NAT box on the way is a place of its own.
// Rows are buffered per connection until it ends; then they go to the recorder, or are forgotten
// (packet_selection.hpp). It stands before the trace's recorder and learns from what passes: what
// is dropped and why, how connections ended. A packet that a node received and sent on belongs to
// one connection, whatever its flow has become.
//
// With a connection's packets goes why its servers were chosen, where a scheduler chose one. Of
// large groups only where the connection is kept from its beginning: what becomes of it is not
// known yet when its server is chosen.
//
// A connection begins with a client's SYN, or the first UDP packet of a flow. It ends some seconds
// after the first of those who had it recorded its end, so that late packets are there too; one
// that is of no interest as soon as both hosts have.
//
// Deterministic: everything depends on the calls alone. Memory is bounded (packet_buffers.hpp): of
// a connection with many packets the middle is left out, and when the pool is used up, new
// connections are not followed. Not for live traffic of others: addresses and headers are kept.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "models/network/fabric_watch.hpp"
#include "models/tables/handle_index.hpp"
#include "models/telemetry/recorder.hpp"
#include "worlds/packets/decision_buffers.hpp"
#include "worlds/packets/packet_buffers.hpp"
#include "worlds/packets/packet_keeping.hpp"
#include "worlds/packets/packet_selection.hpp"
#include "worlds/packets/packet_summary.hpp"

namespace elblab::worlds {

class PacketLog final : public telemetry::Recorder, public network::FabricWatch {
 public:
  // How long after its first end a connection of interest is followed.
  static constexpr Duration kLinger = std::chrono::seconds(5);

  // keeping: some or all. `to` must outlive the log.
  PacketLog(PacketKeeping keeping, telemetry::Recorder& to);
  PacketLog(const PacketLog&) = delete;
  PacketLog& operator=(const PacketLog&) = delete;

  // Before the run: the addresses of a host.
  void add_host(const std::vector<net::IpAddress>& addresses) { selection_.add_host(addresses); }

  // IP packets, whole. At the host's end of its link:
  void sent_by_host(telemetry::ObjectId host, std::span<const std::uint8_t> packet, Instant now);
  void received_by_host(telemetry::ObjectId host, std::span<const std::uint8_t> packet,
                        Instant now);
  // In a fabric.
  void received(telemetry::ObjectId where, std::span<const std::uint8_t> packet,
                Instant now) override;
  void sent(telemetry::ObjectId where, std::span<const std::uint8_t> packet, network::Origin origin,
            Instant now) override;
  // This packet is lost on a link: the event that says so comes next.
  void about_to_drop(std::span<const std::uint8_t> packet);
  // Decides about everything that is still followed.
  void finish();

  // What passes on its way to the recorder.
  void record(const telemetry::Event& event) override;
  void record(const telemetry::ConnectionRecord& connection) override;
  void sample(telemetry::SeriesId series, Instant at, double value) override {
    to_.sample(series, at, value);
  }
  void latency(const telemetry::LatencyCount& latency) override { to_.latency(latency); }
  void operation(const telemetry::OperationRecord& operation) override { to_.operation(operation); }
  void probe(const telemetry::ProbeRecord& probe) override { to_.probe(probe); }
  void health(const telemetry::HealthRecord& change) override { to_.health(change); }
  bool wants_decisions() const override { return true; }
  void decision(const telemetry::DecisionRecord& decision) override;
  bool keeps_decisions_of(const net::FlowKey& flow) override;

 private:
  using Number = std::uint32_t;  // of a connection followed, from 1; 0: none

  static constexpr std::size_t kMostStages = 4;  // a NAT box, two balancers in a row
  struct Followed {
    // Client -> server: as the client saw it, then as each translation made it.
    std::array<net::FlowKey, kMostStages> flows;
    std::uint8_t stages = 1;
    std::uint64_t order = 0;  // in which they began
    Instant began_at;
    PacketBuffers::Rows rows;
    DecisionBuffers::Chain decisions;
    ConnectionOutcome outcome;
    std::uint32_t initial_sequence = 0;
    std::uint32_t sent_until[2] = {};  // by direction, to_client second
    bool chosen = false;               // from its beginning
    bool has_sent[2] = {};
    bool seen_at_host = false;
    bool client_ended = false;
    bool server_ended = false;
    bool waits = false;  // for the end of kLinger
    bool in_use = false;
  };
  // A connection, and which of its flows a packet has.
  struct Place {
    Number number = 0;
    std::uint8_t stage = 0;
    explicit operator bool() const { return number != 0; }
  };
  struct Waiting {
    Instant until;
    Number number = 0;
    std::uint64_t order = 0;
  };

  Followed& at(Number number) { return followed_[number - 1]; }
  Place find(const net::FlowKey& flow);
  // Of a packet that may begin a connection.
  Place find_or_begin(const PacketSummary& packet, Instant now);
  Place begin(const PacketSummary& packet, Instant now);
  // Where in the connection's flows this one stands, maybe from now on.
  Place translate(Number number, const net::FlowKey& flow);
  static std::optional<std::uint8_t> stage_of(const Followed& c, const net::FlowKey& flow);
  Place place_sent_on(const PacketSummary& packet, network::Origin origin);
  static PacketNote note_of(const Followed& c, std::uint8_t stage, const PacketSummary& packet,
                            Instant now);
  void note(Place place, const PacketSummary& packet, telemetry::ObjectId object,
            telemetry::PacketAction action, Instant now, bool at_host);
  static void look_for_repetition(Followed& c, const PacketSummary& packet, bool to_client);
  void note_drop(const telemetry::Event& event);
  void ended(Number number, const telemetry::ConnectionRecord& record);
  void wait(Number number, Instant now);
  void decide_due(Instant now);
  // Hands over or forgets, and follows it no longer.
  void decide(Number number);
  void hand_over(const Followed& c, const PacketSelection::Choice& choice);

  telemetry::Recorder& to_;
  PacketSelection selection_;
  PacketBuffers buffers_;
  DecisionBuffers decisions_;
  std::vector<Followed> followed_;
  std::vector<Number> free_;
  tables::HandleIndex flows_;    // numbers, by either flow of a connection, in either direction
  std::deque<Waiting> waiting_;  // by time
  std::uint64_t begun_ = 0;
  Place last_found_;
  // Until the next packet reaches a node: the connection of the packet that a node works on, and
  // that of a packet that a scheduler chose a server for, which may have waited inside.
  Number worked_on_ = 0;
  Number decided_for_ = 0;
  PacketSummary dropping_;
  bool is_dropping_ = false;
};

}  // namespace elblab::worlds
