// The flows that a host's security groups have admitted, so that what belongs to them passes:
// connection tracking.
//
// A flow is TCP or UDP between two endpoints, or an ICMP echo with its identifier. It is known from
// the packet that a rule admitted until it was quiet for as long as its state allows; a packet of
// either direction keeps it. States and times are those of Linux's conntrack, which stands behind
// security groups of clouds built on it; the sources give none [M]. A TCP flow whose ends have both
// sent a FIN, or one of them an RST, is over: a SYN then is a new flow, and needs a rule again.
//
// Bounded: `flows` at most, found by hash; every operation is O(1) expected. Flows of one state
// expire in the order of their last packets, so a list per state, the oldest first, is all the
// timer there is, and expire() costs what it removes. Where it is full a new flow is refused, as
// Linux does.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/net/packet_view.hpp"
#include "models/tables/handle_index.hpp"
#include "models/time/instant.hpp"

namespace elblab::access {

struct TrackingLimits {
  // How long a flow is known after its last packet.
  Duration tcp_opening = std::chrono::seconds(120);       // packets of one direction only
  Duration tcp_established = std::chrono::hours(5 * 24);  // of both
  Duration tcp_closing = std::chrono::seconds(120);       // one FIN was seen
  Duration tcp_closed = std::chrono::seconds(10);         // both were, or an RST
  Duration one_way = std::chrono::seconds(30);            // UDP, ICMP echo: not answered
  Duration both_ways = std::chrono::seconds(120);
  std::uint32_t flows = 262'144;  // of one host
};

class FlowTracker {
 public:
  FlowTracker(const TrackingLimits& limits, std::uint64_t hash_seed);

  // Whether the packet belongs to a flow that is known, which it then keeps alive; an ICMP error
  // belongs to the TCP or UDP flow that it quotes, and keeps nothing. `now` never goes back.
  bool passes(const net::PacketView& packet, Instant now);
  // Notes the flow that a packet begins which passes() did not know. False: there is no room.
  // Nothing to note, and true, of a packet that no answer belongs to (RST, ICMP other than an echo
  // request).
  bool open(const net::PacketView& packet, Instant now);

  std::size_t size() const { return index_.size(); }
  std::uint64_t refused() const { return refused_; }  // flows, for want of room

 private:
  using Number = tables::HandleIndex::Handle;
  static constexpr Number kNobody = tables::HandleIndex::kNone;

  enum class State : std::uint8_t {
    tcp_opening,
    tcp_established,
    tcp_closing,
    tcp_closed,
    one_way,
    both_ways,
    count_,
  };
  // A packet's flow, named alike for both directions.
  struct Sighting {
    net::FlowKey flow;
    bool backwards = false;  // the packet goes from flow.destination to flow.source
    bool begins = false;     // it may begin the flow
  };
  struct Flow {
    net::FlowKey key;
    Instant last;
    Number older = kNobody;  // neighbours in the list of its state
    Number newer = kNobody;
    State state = State::one_way;
    bool opened_backwards = false;
    bool answered = false;
    std::array<bool, 2> finished{};  // a FIN was seen: forwards, backwards
  };
  struct List {
    Number oldest = kNobody;
    Number newest = kNobody;
  };
  static std::optional<Sighting> look_at(const net::PacketView& packet);
  static Sighting look_at_ports(const net::FlowKey& flow);
  std::uint32_t hash(const net::FlowKey& key) const {
    return static_cast<std::uint32_t>(net::hash_of(key, seed_) >> 32);
  }
  Number find(const net::FlowKey& key) const;
  void expire(Instant now);
  static State state_after(Flow& flow, const net::PacketView& packet, const Sighting& sighting);
  void append(Number number, State state);
  void unlink(Number number);
  void remove(Number number);

  std::array<Duration, static_cast<std::size_t>(State::count_)> times_;
  std::uint32_t limit_;
  std::uint64_t seed_;
  std::vector<Flow> flows_;
  std::vector<Number> free_;
  std::array<List, static_cast<std::size_t>(State::count_)> lists_;
  tables::HandleIndex index_;  // by hash of the key
  std::uint64_t refused_ = 0;
};

}  // namespace elblab::access
