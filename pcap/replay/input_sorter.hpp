// Decides for each packet of a capture whether it goes into the engine, and makes it one of the
// engine's own flows.
//
// Requests go in as they are. Answers belong to flows of the captured balancer; where the engine
// chose another server or source port for the same client, they are moved into its flow:
//
//   client side   an answer's client flow is its own flow reversed
//   server side   a request is moved to the listener in front of its server, its answers with it
//   both sides,   DNAT: the client's endpoint tells the flow. fullNAT: the answer to a SYN
//   before        acknowledges the SYN's sequence number, which no balancer changes; from then on
//                 the captured tuple stands for the client's flow
//
// As long as the engine decides as the captured balancer did, nothing is rewritten. Answers are
// asked for in the engine's own tables; what is remembered here is 65,536 recent SYNs and the
// tuples that differ (at most a million). No allocation while the two agree.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "pcap/replay/address_plan.hpp"
#include "pcap/replay/decision_tally.hpp"
#include "pcap/replay/recent_syns.hpp"
#include "pcap/replay/rewriting.hpp"
#include "pcap/replay/side.hpp"
#include "pcap/replay/stand_ins.hpp"
#include "worlds/network.hpp"

namespace elblab::replay {

// What became of a packet.
enum class Verdict : std::uint8_t {
  from_client,          // goes in
  from_server,          // goes in
  beside,               // goes in: a server's own traffic, which passes through the balancer
  output,               // left the captured balancer; not fed in
  answer_without_flow,  // the engine holds no flow that it could belong to; not fed in
  elsewhere,            // no address of the balancer's; not fed in
  count_,
};

// Of an answer without a flow: what it was, which tells why there is none.
enum class AnswerKind : std::uint8_t { handshake, data, end, reset, datagram, icmp, count_ };
std::string_view to_string(AnswerKind kind);

struct InputCounts {
  std::array<std::uint64_t, static_cast<std::size_t>(Verdict::count_)> verdicts{};
  std::array<std::uint64_t, static_cast<std::size_t>(AnswerKind::count_)> without_flow{};
  std::uint64_t moved = 0;       // answers brought into another flow than they were captured in
  std::uint64_t unreadable = 0;  // fragments and damaged packets: go in, the engine says why not

  std::uint64_t of(Verdict verdict) const { return verdicts[static_cast<std::size_t>(verdict)]; }
};

class InputSorter {
 public:
  // All must outlive the sorter.
  InputSorter(Side side, const AddressPlan& plan, const worlds::Network& network);

  using Lookup = network::Fabric::Lookup;

  // Counts the packet and rewrites it where needed; true: give it to the engine. `lookup` is the
  // fabric's of this packet, and unknown afterwards if the packet was rewritten.
  bool admit(net::PacketView& packet, Lookup& lookup);
  void count_unreadable() { ++counts_.unreadable; }

  const InputCounts& counts() const { return counts_; }
  const DecisionTally& decisions() const { return decisions_; }

 private:
  static constexpr std::size_t kMostTuples = 1'000'000;
  struct FlowHash {
    std::size_t operator()(const net::FlowKey& flow) const { return net::hash_of(flow, 0x5EED); }
  };

  Leg leg_of(const net::PacketView& packet, const Lookup& lookup) const;
  Verdict sort(net::PacketView& packet, const Lookup& lookup);
  Verdict sort_client_side(net::PacketView& packet, Leg leg);
  Verdict sort_server_side(net::PacketView& packet, Leg leg);
  Verdict sort_inputs(net::PacketView& packet, const Lookup& lookup, Leg leg);
  Verdict request(const net::PacketView& packet);
  Verdict request_seen_by_server(net::PacketView& packet);
  Verdict answer_seen_by_server(net::PacketView& packet);
  Verdict answer(net::PacketView& packet, const Lookup& lookup);
  // An answer in the very flow that the engine has for it; nullopt: perhaps in another one.
  bool is_in_its_flow(const net::PacketView& packet, const Lookup& lookup,
                      const net::FlowKey& captured);
  Verdict move_into(net::PacketView& packet, const net::FlowKey& client_flow);
  Verdict without_flow(const net::PacketView& packet);
  // The client's flow that an answer of the captured balancer belongs to, by the client's endpoint.
  // The virtual endpoint of the first listener that leads to an endpoint of a server.
  std::optional<net::Endpoint> first_front(const net::Endpoint& endpoint, std::size_t server,
                                           net::Protocol protocol) const;
  std::optional<net::FlowKey> client_flow_by_endpoint(const net::FlowKey& answer) const;
  // The same by the SYN it acknowledges, or by its tuple; notes tuples that differ.
  std::optional<net::FlowKey> client_flow_by_tuple(const net::PacketView& packet,
                                                   const net::FlowKey& answer);
  void note_decision(const net::PacketView& packet, const net::FlowKey& answer,
                     const net::FlowKey& ours);

  Side side_;
  const AddressPlan& plan_;
  const worlds::Network& network_;
  StandIns stand_ins_;
  DecisionTally decisions_;
  // Until the two balancers chose differently for the first time, answers of TCP are not looked at.
  bool diverged_ = false;
  InputCounts counts_;
  RecentSyns recent_syns_;
  std::unordered_map<net::FlowKey, net::FlowKey, FlowHash> tuples_;  // answer -> client's flow
};

}  // namespace elblab::replay
