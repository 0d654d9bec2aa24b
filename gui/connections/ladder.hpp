// The story of one connection as a ladder tells it: a lane for everyone on its path, from the
// client over whatever stands between (balancers, boxes) to the server, and the ways of its packets
// between them.
//
// Made from the rows of the table `packets`: what left one lane and what arrived at another are put
// together to one hop by their flags, sequence and acknowledgment numbers and length, which nobody
// changes on the way between two lanes. What left and never arrived is lost; what was seen at one
// end only, because there was nobody to see it at the other (a capture has no hosts), goes between
// the lanes all the same. Without packets, the moments that the connection records tell stand as
// marks on the lanes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "analysis/trace/rows.hpp"

namespace elblab::gui {

enum class Fate : std::uint8_t {
  arrived,
  dropped_there,  // arrived, and was dropped
  lost,           // on the way, or before it left
};

// Who saw packets there, or ought to have: an end or a balancer that no row tells of has a lane
// without a name.
struct LadderLane {
  std::string object;  // "c1", "lb1", "b2"; empty: nobody is known
  std::string role;    // "client", "middlebox", "balancer", "server", "node"; empty: none of these
  bool operator==(const LadderLane&) const = default;
};

// One packet on its way from one lane to another.
struct LadderHop {
  std::size_t from = 0;  // indices into Ladder::lanes
  std::size_t to = 0;
  Instant departed;
  Instant arrived;  // of a lost one: when it was lost; equal to departed where it is not known
  Fate fate = Fate::arrived;
  std::string reason;            // of a loss
  std::string where;             // who dropped it
  bool retransmission = false;   // the same bytes passed here before
  bool rewritten = false;        // its endpoints were changed where it departed
  bool other_endpoints = false;  // not those of its leg's heading
  std::string source;            // as seen here
  std::string destination;
  std::uint32_t sequence = 0;  // relative to the first one of its direction
  std::uint32_t acknowledgment = 0;
  trace::PacketRow packet;  // as it departed (or arrived, if nobody saw it depart)
  bool operator==(const LadderHop&) const = default;
};

// Something a lane tells at a moment: "established".
struct LadderMark {
  std::size_t lane = 0;
  Instant at;
  std::string text;
  bool bad = false;
  bool operator==(const LadderMark&) const = default;
};

struct Ladder {
  std::vector<LadderLane> lanes;  // from the client to the server; at least two, or none at all
  // Between a lane and the next: client -> server, as written there; empty where there was none.
  struct Leg {
    std::string source;
    std::string destination;
    bool operator==(const Leg&) const = default;
  };
  std::vector<Leg> legs;          // one fewer than lanes
  Instant begin;                  // what times are counted from
  std::vector<LadderHop> hops;    // in the order of departure
  std::vector<LadderMark> marks;  // in the order of time
  std::uint64_t left_out = 0;     // rows that were not recorded, or not shown
  bool empty() const { return hops.empty() && marks.empty(); }
  bool operator==(const Ladder&) const = default;
};

// More hops than these are counted in left_out.
constexpr std::size_t kMostHops = 4000;

// The objects that may handle packets and are no hosts, by name: "lb1" -> "balancer".
using BoxKinds = std::map<std::string, std::string>;

// The packets of one connection, in the order of time. An object that `kinds` does not name is a
// host, unless it forwards packets. O(packets²) at worst among packets under way at once, linear in
// practice.
Ladder ladder_of_packets(const trace::PacketConnectionRow& connection,
                         const std::vector<trace::PacketRow>& packets, const BoxKinds& kinds = {});

// The records of one connection: the client's, those of the balancers, the server's, as many as
// there are.
Ladder ladder_of_records(const std::vector<trace::ConnectionRow>& records);

// "client", or "lb1" where several have that role, or none.
std::string lane_word(const Ladder& ladder, std::size_t lane);
// "SYN, ACK  seq 0 ack 1 len 200"
std::string hop_text(const LadderHop& hop);

}  // namespace elblab::gui
