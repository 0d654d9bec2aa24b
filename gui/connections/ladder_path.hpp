// Who stands on the path of a connection's packets, and in which order: the lanes of its ladder.
//
// A host is an end of the path: the client's where it sends towards the server or receives from
// there, the server's otherwise; one that asks and is chosen itself has a lane on both sides.
// Everything else that handled packets (balancers, boxes) stands between, one lane each, in the
// order in which packets towards the server come by; what is passed on the way back only, too. Who
// only drops packets (a node of a balancer) stands with whom they had come to. Where nobody was
// seen (a capture has no hosts, a dead server sends nothing) an end, or a balancer, has a lane
// without a name; two hosts whose packets reach each other unchanged have none between them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gui/connections/ladder.hpp"

namespace elblab::gui {

class LadderPath {
 public:
  // From a lane to another.
  struct Way {
    std::size_t from = 0;
    std::size_t to = 0;
    bool to_server = true;
  };

  // Both must outlive this. O(packets log packets), but for packets of equal marks under way at
  // once.
  LadderPath(const trace::PacketConnectionRow& connection,
             const std::vector<trace::PacketRow>& packets, const BoxKinds& kinds);

  const std::vector<LadderLane>& lanes() const { return lanes_; }
  // Of packets that took it, where the connection does not say: as written there, client -> server.
  std::vector<Ladder::Leg> legs() const;

  bool to_server(const trace::PacketRow& packet) const;
  // Lost by a link or a network, not by somebody on the path.
  bool lost_on_the_way(const trace::PacketRow& packet) const;
  // Of what left there, or would have.
  Way way_from(const trace::PacketRow& packet) const;
  // Of what arrived there.
  Way way_to(const trace::PacketRow& packet) const;
  // Of what arrived there although nobody seen sent it: from who else is answered under its
  // endpoints, if there is somebody; two balancers may send a server the same flow (FTC-06).
  Way way_from_another(const trace::PacketRow& packet) const;
  // Of what was lost on the way: between those who use these endpoints.
  Way way_along(const trace::PacketRow& packet) const;
  // Whether who dropped it had not sent it on yet; otherwise it had arrived there.
  bool dropped_before_leaving(const trace::PacketRow& packet) const;
  // Forwarded under endpoints under which nothing ever came there.
  bool rewritten(const trace::PacketRow& packet) const;

 private:
  enum class Side : std::uint8_t { client, between, server };
  using Place = std::pair<Side, std::string>;        // and the object
  using Flow = std::pair<std::string, std::string>;  // source, destination
  using PlaceAndFlow = std::pair<Place, Flow>;
  struct Hop {
    Place from;
    Place to;
    Flow flow;
  };

  static Flow flow_of(const trace::PacketRow& packet) {
    return {packet.source, packet.destination};
  }
  void learn(const Flow& flow, bool to_server);
  void find_boxes(const std::vector<trace::PacketRow>& packets);
  void find_droppers(const std::vector<trace::PacketRow>& packets);
  void learn_directions(const std::vector<trace::PacketRow>& packets);
  void find_places(const std::vector<trace::PacketRow>& packets);
  // Remembers where a packet was seen.
  Place stand(const trace::PacketRow& packet, bool leaves);
  void join(const Place& from, const Place& to, const Flow& flow);
  void make_lanes();
  std::vector<Place> in_order(const std::vector<Place>& between) const;
  void add_lane(Side side, const std::string& object);
  bool guess_direction(const Flow& flow) const;
  // Of a packet that left (or arrived at) its object.
  Place place_of(const trace::PacketRow& packet, bool leaves) const;
  std::size_t lane_of(const Place& place) const;
  // The lane before or after this one for a packet that went there as nobody else did.
  std::size_t next_lane(std::size_t lane, bool towards_server) const;

  const trace::PacketConnectionRow& connection_;
  BoxKinds kinds_;
  std::map<std::string, std::string> stands_with_;  // who only drops -> whose packets
  std::map<Flow, bool> directions_;                 // true: to the server
  std::vector<Place> places_;                       // in the order of appearance
  std::set<Place> known_;                           // the same
  std::vector<Hop> hops_;                           // seen at both ends, each kind once, by time
  std::map<PlaceAndFlow, Place> next_;              // the same
  std::map<PlaceAndFlow, Place> previous_;
  std::set<PlaceAndFlow> left_;
  std::set<PlaceAndFlow> arrived_;
  std::set<std::pair<Place, Place>> order_;  // nearer to the client, nearer to the server
  bool direct_ = false;                      // an end's packet reached the other end as it was
  std::vector<LadderLane> lanes_;
  std::map<Place, std::size_t> lane_of_;
  std::size_t first_between_ = 0;  // lanes: of the clients before, those between, servers from
  std::size_t first_server_ = 0;
};

// What nobody changes between two lanes: tells the packets of one direction apart.
struct PacketMarks {
  std::uint8_t flags = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  std::uint32_t payload_bytes = 0;
  auto operator<=>(const PacketMarks&) const = default;  // NOLINT(*-use-nullptr)
};
PacketMarks marks_of(const trace::PacketRow& packet);

}  // namespace elblab::gui
