// The packets of chosen connections, for the trace: what a ladder diagram shows.
//
// A world tells it every packet at both ends of each host's link that it has, and at the balancer.
// Rows are buffered per connection until it ends; then they go to the recorder, or are forgotten
// (packet_selection.hpp). It stands before the trace's recorder and learns from what passes: which
// client flow the balancer gives which flow towards the server, what is dropped and why, how
// connections ended.
//
// A connection begins with a client's SYN, or the first UDP packet of a flow. It ends some seconds
// after the first of those who had it recorded its end, so that late packets are there too; one
// that is of no interest as soon as both hosts have.
//
// Deterministic: everything depends on the calls alone. Memory is bounded (packet_buffers.hpp): of
// a connection with many packets the middle is left out, and when the pool is used up, new
// connections are not followed. Not for live traffic of others: addresses and headers are kept.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "models/telemetry/recorder.hpp"
#include "worlds/packets/flow_lookup.hpp"
#include "worlds/packets/packet_buffers.hpp"
#include "worlds/packets/packet_keeping.hpp"
#include "worlds/packets/packet_selection.hpp"
#include "worlds/packets/packet_summary.hpp"

namespace elblab::worlds {

class PacketLog final : public telemetry::Recorder {
 public:
  // How long after its first end a connection of interest is followed.
  static constexpr Duration kLinger = std::chrono::seconds(5);

  // keeping: some or all. `to` must outlive the log.
  PacketLog(PacketKeeping keeping, telemetry::Recorder& to);
  PacketLog(const PacketLog&) = delete;
  PacketLog& operator=(const PacketLog&) = delete;

  // Before the run: the addresses of a host; what the balancer records as.
  void add_host(const std::vector<net::IpAddress>& addresses) { selection_.add_host(addresses); }
  void set_balancer(telemetry::ObjectId balancer) { balancer_ = balancer; }

  // IP packets, whole. At the host's end of its link:
  void sent_by_host(telemetry::ObjectId host, std::span<const std::uint8_t> packet, Instant now);
  void received_by_host(telemetry::ObjectId host, std::span<const std::uint8_t> packet,
                        Instant now);
  // At the balancer, in the order in which it works on them: before it changes one, and after.
  void received_by_balancer(std::span<const std::uint8_t> packet, Instant now);
  void sent_by_balancer(std::span<const std::uint8_t> packet, Instant now);
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

 private:
  using Number = std::uint32_t;  // of a connection followed, from 1; 0: none

  struct Followed {
    net::FlowKey client;      // client -> server, as the client saw it
    net::FlowKey server;      // towards the server, where `translated`
    std::uint64_t order = 0;  // in which they began
    Instant began_at;
    PacketBuffers::Rows rows;
    ConnectionOutcome outcome;
    std::uint32_t initial_sequence = 0;
    std::uint32_t sent_until[2] = {};  // by direction, to_client second
    std::uint32_t inside = 0;          // packets that the balancer has and did not let out
    bool chosen = false;               // from its beginning
    bool translated = false;
    bool has_sent[2] = {};
    bool seen_at_host = false;
    bool client_ended = false;
    bool server_ended = false;
    bool waits = false;  // for the end of kLinger
    bool in_use = false;
  };
  struct Waiting {
    Instant until;
    Number number = 0;
    std::uint64_t order = 0;
  };

  Followed& at(Number number) { return followed_[number - 1]; }
  bool is_of(Number number, const net::FlowKey& flow);
  Number find(const net::FlowKey& flow);
  // Of a packet that may begin a connection.
  Number find_or_begin(const PacketSummary& packet, Instant now);
  Number begin(const PacketSummary& packet, Instant now);
  void translate(Number number, const net::FlowKey& to_server);
  PacketNote note_of(const Followed& c, const PacketSummary& packet, Instant now) const;
  void note(Number number, const PacketSummary& packet, telemetry::ObjectId object,
            telemetry::PacketAction action, Instant now);
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
  telemetry::ObjectId balancer_ = 0;
  std::vector<Followed> followed_;
  std::vector<Number> free_;
  FlowLookup flows_;
  std::deque<Waiting> waiting_;  // by time
  std::uint64_t begun_ = 0;
  Number last_found_ = 0;
  Number decided_for_ = 0;  // the connection that a scheduler chose a server for, just now
  PacketSummary dropping_;
  bool is_dropping_ = false;
};

}  // namespace elblab::worlds
