// The story of one connection as a ladder tells it: three lanes (client, balancer, server), and the
// ways of its packets between them.
//
// Made from the rows of the table `packets`: what left one lane and what arrived at the next are
// put together to one hop by their flags, sequence and acknowledgment numbers and length (the
// balancer changes none of these). What left and never arrived is lost; what was seen at one end
// only, because there was nobody to see it at the other (a capture has no hosts), goes between the
// lanes all the same. Without packets, the moments that the connection records tell stand as marks
// on the lanes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/trace/rows.hpp"

namespace elblab::gui {

enum class Lane3 : std::uint8_t { client, balancer, server };

enum class Fate : std::uint8_t {
  arrived,
  dropped_there,  // arrived, and was dropped
  lost,           // on the way, or before it left
};

// One packet on one leg: between client and balancer, or between balancer and server.
struct LadderHop {
  Lane3 from = Lane3::client;
  Lane3 to = Lane3::balancer;
  Instant departed;
  Instant arrived;  // of a lost one: when it was lost; equal to departed where it is not known
  Fate fate = Fate::arrived;
  std::string reason;            // of a loss
  std::string where;             // who dropped it
  bool retransmission = false;   // the same bytes passed this leg before
  bool rewritten = false;        // the balancer changed its endpoints before this leg
  bool other_endpoints = false;  // not those of its leg's heading
  std::string source;            // as seen on this leg
  std::string destination;
  std::uint32_t sequence = 0;  // relative to the first one of its direction
  std::uint32_t acknowledgment = 0;
  trace::PacketRow packet;  // as it departed (or arrived, if nobody saw it depart)
};

// Something a lane tells at a moment: "established".
struct LadderMark {
  Lane3 lane = Lane3::client;
  Instant at;
  std::string text;
  bool bad = false;
};

struct Ladder {
  std::array<std::string, 3> names;  // of the lanes: "c1", "lvs1", "b2"; empty: nobody known
  // client -> server, as written on each leg; empty where there was none.
  struct Leg {
    std::string source;
    std::string destination;
  };
  std::array<Leg, 2> legs;
  Instant begin;                  // what times are counted from
  std::vector<LadderHop> hops;    // in the order of departure
  std::vector<LadderMark> marks;  // in the order of time
  std::uint64_t left_out = 0;     // rows that were not recorded, or not shown
  bool empty() const { return hops.empty() && marks.empty(); }
};

// More hops than these are counted in left_out.
constexpr std::size_t kMostHops = 4000;

// The packets of one connection, in the order of time. O(packets²) at worst among packets under way
// at once, linear in practice.
Ladder ladder_of_packets(const trace::PacketConnectionRow& connection,
                         const std::vector<trace::PacketRow>& packets);

// The records of one connection: the client's, the balancer's, the server's, as many as there are.
Ladder ladder_of_records(const std::vector<trace::ConnectionRow>& records);

// "SYN, ACK  seq 0 ack 1 len 200"
std::string hop_text(const LadderHop& hop);

}  // namespace elblab::gui
