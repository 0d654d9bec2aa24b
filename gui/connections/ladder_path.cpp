#include "gui/connections/ladder_path.hpp"

#include <algorithm>
#include <deque>

namespace elblab::gui {
namespace {

using telemetry::PacketAction;

bool departs(const trace::PacketRow& packet) {
  return packet.action == PacketAction::sent || packet.action == PacketAction::forwarded;
}

std::string role_between(const std::string& kind) {
  const bool of_balancer = kind.empty() || kind == "balancer" || kind == "node";
  return of_balancer ? "balancer" : kind;
}

}  // namespace

PacketMarks marks_of(const trace::PacketRow& packet) {
  return {packet.tcp_flags, packet.sequence, packet.acknowledgment, packet.payload_bytes};
}

LadderPath::LadderPath(const trace::PacketConnectionRow& connection,
                       const std::vector<trace::PacketRow>& packets, const BoxKinds& kinds)
    : connection_(connection), kinds_(kinds) {
  learn({connection.source, connection.destination}, true);
  if (!connection.translated_destination.empty()) {
    learn({connection.translated_source, connection.translated_destination}, true);
  }
  find_boxes(packets);
  find_droppers(packets);
  learn_directions(packets);
  find_places(packets);
  make_lanes();
}

void LadderPath::learn(const Flow& flow, bool to_server) {
  directions_.emplace(flow, to_server);
  directions_.emplace(Flow{flow.second, flow.first}, !to_server);
}

void LadderPath::find_boxes(const std::vector<trace::PacketRow>& packets) {
  for (const trace::PacketRow& packet : packets) {
    if (packet.action == PacketAction::forwarded) kinds_.emplace(packet.object, "");
  }
}

bool LadderPath::lost_on_the_way(const trace::PacketRow& packet) const {
  if (packet.action != PacketAction::dropped) return false;
  const auto kind = kinds_.find(packet.object);
  return packet.reason.starts_with("link_") || (kind != kinds_.end() && kind->second == "network");
}

void LadderPath::find_droppers(const std::vector<trace::PacketRow>& packets) {
  std::set<std::string> handle;
  for (const trace::PacketRow& packet : packets) {
    if (packet.action != PacketAction::dropped) handle.insert(packet.object);
  }
  const auto only_drops = [&](const trace::PacketRow& packet) {
    return packet.action == PacketAction::dropped && !lost_on_the_way(packet) &&
           !handle.contains(packet.object);
  };
  if (std::none_of(packets.begin(), packets.end(), only_drops)) return;
  std::map<std::pair<Flow, PacketMarks>, std::string> had;
  for (const trace::PacketRow& packet : packets) {
    const std::pair key{flow_of(packet), marks_of(packet)};
    const bool received = packet.action == PacketAction::received;
    if (received && kinds_.contains(packet.object)) had[key] = packet.object;
    const auto holder = only_drops(packet) ? had.find(key) : had.end();
    if (holder != had.end()) stands_with_.emplace(packet.object, holder->second);
  }
}

// Endpoints that the connection does not name: whoever forwards a packet under others forwards it
// in the direction in which it came.
void LadderPath::learn_directions(const std::vector<trace::PacketRow>& packets) {
  std::map<std::pair<std::string, PacketMarks>, bool> came;
  for (const trace::PacketRow& packet : packets) {
    const auto known = directions_.find(flow_of(packet));
    const std::pair key{packet.object, marks_of(packet)};
    if (packet.action == PacketAction::received) {
      came[key] = known != directions_.end() ? known->second : guess_direction(flow_of(packet));
    } else if (packet.action == PacketAction::forwarded && known == directions_.end()) {
      const auto before = came.find(key);
      if (before != came.end()) learn(flow_of(packet), before->second);
    }
    if (packet.action == PacketAction::forwarded) came.erase(key);
  }
}

// The ends that are known decide.
bool LadderPath::guess_direction(const Flow& flow) const {
  if (flow.second == connection_.destination) return true;
  if (flow.first == connection_.destination) return false;
  return flow.first == connection_.source || flow.first == connection_.translated_source;
}

bool LadderPath::to_server(const trace::PacketRow& packet) const {
  const auto known = directions_.find(flow_of(packet));
  return known != directions_.end() ? known->second : guess_direction(flow_of(packet));
}

LadderPath::Place LadderPath::place_of(const trace::PacketRow& packet, bool leaves) const {
  const auto with = stands_with_.find(packet.object);
  if (with != stands_with_.end()) return {Side::between, with->second};
  if (kinds_.contains(packet.object)) return {Side::between, packet.object};
  return {leaves == to_server(packet) ? Side::client : Side::server, packet.object};
}

void LadderPath::join(const Place& from, const Place& to, const Flow& flow) {
  const bool up = directions_.contains(flow) ? directions_.at(flow) : guess_direction(flow);
  if (next_.emplace(PlaceAndFlow{from, flow}, to).second) hops_.push_back({from, to, flow});
  previous_.emplace(PlaceAndFlow{to, flow}, from);
  order_.insert(up ? std::pair{from, to} : std::pair{to, from});
  if (from.first != Side::between && to.first != Side::between) direct_ = true;
}

void LadderPath::find_places(const std::vector<trace::PacketRow>& packets) {
  std::map<std::pair<Flow, PacketMarks>, std::deque<Place>> under_way;
  for (const trace::PacketRow& packet : packets) {
    if (packet.action == PacketAction::dropped && !lost_on_the_way(packet)) continue;
    const std::pair key{flow_of(packet), marks_of(packet)};
    const bool lost = lost_on_the_way(packet);
    const Place place = lost ? Place{} : stand(packet, departs(packet));
    if (departs(packet)) {
      under_way[key].push_back(place);
      continue;
    }
    const auto open = under_way.find(key);
    if (open == under_way.end()) continue;
    const auto from = std::find_if(open->second.begin(), open->second.end(),
                                   [&](const Place& p) { return lost || p != place; });
    if (from == open->second.end()) continue;
    if (!lost) join(*from, place, key.first);
    open->second.erase(from);
    if (open->second.empty()) under_way.erase(open);
  }
  // Which side a drop is on is told from all the others.
  for (const trace::PacketRow& packet : packets) {
    if (packet.action != PacketAction::dropped || lost_on_the_way(packet)) continue;
    stand(packet, dropped_before_leaving(packet));
  }
}

LadderPath::Place LadderPath::stand(const trace::PacketRow& packet, bool leaves) {
  const Place place = place_of(packet, leaves);
  if (known_.insert(place).second) places_.push_back(place);
  (leaves ? left_ : arrived_).insert({place, flow_of(packet)});
  return place;
}

void LadderPath::add_lane(Side side, const std::string& object) {
  const auto kind = kinds_.find(object);
  const std::string role = side == Side::client   ? "client"
                           : side == Side::server ? "server"
                           : kind == kinds_.end() ? "balancer"
                                                  : role_between(kind->second);
  lane_of_.emplace(Place{side, object}, lanes_.size());
  std::string name = object;
  for (const auto& [dropper, with] : stands_with_) {
    if (side == Side::between && with == object) name += ", " + dropper;
  }
  lanes_.push_back({name, role});
}

void LadderPath::make_lanes() {
  const auto of = [&](Side side) {
    std::vector<Place> some;
    std::copy_if(places_.begin(), places_.end(), std::back_inserter(some),
                 [&](const Place& place) { return place.first == side; });
    return some;
  };
  for (const Place& place : of(Side::client)) add_lane(Side::client, place.second);
  if (lanes_.empty()) add_lane(Side::client, {});
  first_between_ = lanes_.size();
  for (const Place& place : in_order(of(Side::between))) add_lane(Side::between, place.second);
  if (lanes_.size() == first_between_ && !direct_) add_lane(Side::between, {});
  first_server_ = lanes_.size();
  for (const Place& place : of(Side::server)) add_lane(Side::server, place.second);
  if (lanes_.size() == first_server_) add_lane(Side::server, {});
}

// Whoever has nobody left before it comes next, of several the one that appeared first; where all
// have (a packet went in a circle) that one, too.
std::vector<LadderPath::Place> LadderPath::in_order(const std::vector<Place>& between) const {
  std::vector<Place> left = between;
  std::vector<Place> ordered;
  while (!left.empty()) {
    const auto waits = [&](const Place& place) {
      return std::any_of(left.begin(), left.end(), [&](const Place& other) {
        return order_.contains({other, place}) && !order_.contains({place, other});
      });
    };
    auto next = std::find_if_not(left.begin(), left.end(), waits);
    if (next == left.end()) next = left.begin();
    ordered.push_back(*next);
    left.erase(next);
  }
  return ordered;
}

std::size_t LadderPath::lane_of(const Place& place) const {
  const auto known = lane_of_.find(place);
  return known == lane_of_.end() ? 0 : known->second;
}

std::size_t LadderPath::next_lane(std::size_t lane, bool towards_server) const {
  // Past others of the same end.
  if (towards_server) return lane < first_between_ ? first_between_ : lane + 1;
  return lane >= first_server_ ? first_server_ - 1 : lane - 1;
}

LadderPath::Way LadderPath::way_from(const trace::PacketRow& packet) const {
  const Place place = place_of(packet, true);
  Way way;
  way.to_server = to_server(packet);
  way.from = lane_of(place);
  const auto known = next_.find({place, flow_of(packet)});
  way.to = known != next_.end() ? lane_of(known->second) : next_lane(way.from, way.to_server);
  return way;
}

LadderPath::Way LadderPath::way_to(const trace::PacketRow& packet) const {
  const Place place = place_of(packet, false);
  Way way;
  way.to_server = to_server(packet);
  way.to = lane_of(place);
  const auto known = previous_.find({place, flow_of(packet)});
  way.from = known != previous_.end() ? lane_of(known->second) : next_lane(way.to, !way.to_server);
  return way;
}

LadderPath::Way LadderPath::way_from_another(const trace::PacketRow& packet) const {
  Way way = way_to(packet);
  const Flow flow = flow_of(packet);
  for (const Place& place : places_) {
    const bool answered = arrived_.contains({place, {flow.second, flow.first}});
    if (!answered || left_.contains({place, flow}) || lane_of(place) == way.to) continue;
    way.from = lane_of(place);
    break;
  }
  return way;
}

LadderPath::Way LadderPath::way_along(const trace::PacketRow& packet) const {
  const Flow flow = flow_of(packet);
  trace::PacketRow seen = packet;
  for (const auto& [place, used] : left_) {
    if (used != flow) continue;
    seen.object = place.second;
    return way_from(seen);
  }
  for (const auto& [place, used] : arrived_) {
    if (used != flow) continue;
    seen.object = place.second;
    return way_to(seen);
  }
  const bool up = to_server(packet);
  const bool near = packet.source == connection_.source || packet.destination == connection_.source;
  const std::size_t client = first_between_ - 1;
  const std::size_t last = first_server_ - 1;
  if (near) return up ? Way{client, client + 1, up} : Way{client + 1, client, up};
  return up ? Way{last, first_server_, up} : Way{first_server_, last, up};
}

// A box drops what it was given; what it gave away itself only where it was never given that. A
// host, what it was about to send only where it stands on that side and not on the other.
bool LadderPath::dropped_before_leaving(const trace::PacketRow& packet) const {
  if (packet.action != PacketAction::dropped || lost_on_the_way(packet)) return false;
  const Place leaving = place_of(packet, true);
  const Place arriving = place_of(packet, false);
  if (leaving == arriving) {
    const PlaceAndFlow here{leaving, flow_of(packet)};
    return left_.contains(here) && !arrived_.contains(here);
  }
  return known_.contains(leaving) && !known_.contains(arriving);
}

bool LadderPath::rewritten(const trace::PacketRow& packet) const {
  return packet.action == PacketAction::forwarded &&
         !arrived_.contains({place_of(packet, true), flow_of(packet)});
}

std::vector<Ladder::Leg> LadderPath::legs() const {
  std::vector<Ladder::Leg> legs(lanes_.size() - 1);
  // Of several, the one seen first.
  const auto note = [&](std::size_t from, std::size_t to, const Flow& flow) {
    const std::size_t leg = std::min(from, to);
    if (std::max(from, to) != leg + 1 || !legs[leg].source.empty()) return;
    legs[leg] =
        from < to ? Ladder::Leg{flow.first, flow.second} : Ladder::Leg{flow.second, flow.first};
  };
  legs[first_between_ - 1] = {connection_.source, connection_.destination};
  const bool one_server = lanes_.size() == first_server_ + 1;
  if (one_server && first_server_ > first_between_) {
    legs[first_server_ - 1] = {connection_.translated_source, connection_.translated_destination};
  }
  for (const Hop& hop : hops_) note(lane_of(hop.from), lane_of(hop.to), hop.flow);
  return legs;
}

}  // namespace elblab::gui
