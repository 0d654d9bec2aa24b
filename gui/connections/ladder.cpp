#include "gui/connections/ladder.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "gui/connections/ladder_path.hpp"
#include "models/net/packet_view.hpp"

namespace elblab::gui {
namespace {

using telemetry::PacketAction;

bool takes_sequence(const trace::PacketRow& packet) {
  return packet.protocol == "tcp" &&
         (packet.payload_bytes > 0 ||
          (packet.tcp_flags & (net::tcp_flag::syn | net::tcp_flag::fin)) != 0);
}

// A lane, and a direction from there: true to the server.
using Departure = std::pair<std::size_t, bool>;

class Teller {
 public:
  Teller(const trace::PacketConnectionRow& connection, const LadderPath& path)
      : path_(path),
        rows_left_out_(connection.left_out > 0),
        watched_(path.lanes().size()),
        sends_(path.lanes().size()) {
    ladder_.lanes = path.lanes();
    ladder_.legs = path.legs();
    ladder_.left_out = connection.left_out;
  }

  void take(const trace::PacketRow& packet);
  Ladder finish();

 private:
  using Way = LadderPath::Way;

  void depart(const trace::PacketRow& packet);
  void arrive(const trace::PacketRow& packet);
  void lose(const trace::PacketRow& packet);
  void drop(const trace::PacketRow& packet);
  // The hop under way that this is the end of; nullptr: nobody saw it depart.
  LadderHop* take_under_way(const Way& way, const trace::PacketRow& packet);
  // So, or a new hop that was seen at its end only.
  LadderHop& end_of(const Way& way, const trace::PacketRow& packet);
  static void end(LadderHop& hop, Fate fate, const trace::PacketRow& why);
  LadderHop* arrived_just_now(const Way& way, const trace::PacketRow& packet);
  LadderHop& add(const Way& way, const trace::PacketRow& packet);
  void number(const Way& way, LadderHop& hop);
  bool as_headed(const LadderHop& hop) const;

  const LadderPath& path_;
  const bool rows_left_out_;
  Ladder ladder_;
  std::array<std::deque<std::size_t>, 2> under_way_;  // hops to the client, to the server
  std::vector<bool> watched_;                         // somebody saw packets arrive at the lane
  std::vector<bool> sends_;                           // and depart from it
  std::map<Departure, std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint8_t>>> seen_;
  std::array<std::optional<std::uint32_t>, 2> first_sequence_;  // the server's, the client's
  std::map<Departure, std::uint32_t> initial_sequence_;         // of a SYN that left there
};

void Teller::take(const trace::PacketRow& packet) {
  switch (packet.action) {
    case PacketAction::sent:
    case PacketAction::forwarded:
      return depart(packet);
    case PacketAction::received:
      return arrive(packet);
    case PacketAction::dropped:
      return path_.lost_on_the_way(packet) ? lose(packet) : drop(packet);
  }
}

LadderHop& Teller::add(const Way& way, const trace::PacketRow& packet) {
  LadderHop hop;
  hop.from = way.from;
  hop.to = way.to;
  hop.departed = packet.at;
  hop.arrived = packet.at;
  hop.source = packet.source;
  hop.destination = packet.destination;
  hop.packet = packet;
  number(way, hop);
  if (takes_sequence(packet)) {
    const auto flags =
        static_cast<std::uint8_t>(packet.tcp_flags & (net::tcp_flag::syn | net::tcp_flag::fin));
    hop.retransmission = !seen_[{way.from, way.to_server}]
                              .insert({packet.sequence, packet.payload_bytes, flags})
                              .second;
  }
  ladder_.hops.push_back(std::move(hop));
  return ladder_.hops.back();
}

// A box may count in numbers of its own: those of a lane are told from the SYN that left there.
void Teller::number(const Way& way, LadderHop& hop) {
  if (hop.packet.protocol != "tcp") return;
  const std::uint8_t flags = hop.packet.tcp_flags;
  std::optional<std::uint32_t>& own = first_sequence_[way.to_server ? 1 : 0];
  // A reset without ACK may have sequence number 0: it is no beginning.
  if (!own && (flags & net::tcp_flag::rst) == 0) own = hop.packet.sequence;
  if ((flags & net::tcp_flag::syn) != 0) {
    initial_sequence_.emplace(Departure{way.from, way.to_server}, hop.packet.sequence);
  }
  const auto base = [&](const Departure& of, std::uint32_t otherwise) {
    const auto known = initial_sequence_.find(of);
    return known != initial_sequence_.end() ? known->second : otherwise;
  };
  hop.sequence =
      hop.packet.sequence - base({way.from, way.to_server}, own.value_or(hop.packet.sequence));
  if ((flags & net::tcp_flag::ack) == 0) return;
  const std::optional<std::uint32_t>& other = first_sequence_[way.to_server ? 0 : 1];
  hop.acknowledgment = hop.packet.acknowledgment -
                       base({way.to, !way.to_server}, other.value_or(hop.packet.acknowledgment));
}

void Teller::depart(const trace::PacketRow& packet) {
  const Way way = path_.way_from(packet);
  sends_[way.from] = true;
  LadderHop& hop = add(way, packet);
  hop.rewritten = path_.rewritten(packet);
  under_way_[way.to_server ? 1 : 0].push_back(ladder_.hops.size() - 1);
}

// With the same endpoints from anywhere, the nearest before first; with others (a box that nobody
// knows rewrote them) from the lane that it was to come from.
LadderHop* Teller::take_under_way(const Way& way, const trace::PacketRow& packet) {
  std::deque<std::size_t>& open = under_way_[way.to_server ? 1 : 0];
  const PacketMarks marks = marks_of(packet);
  const auto distance = [&](const LadderHop& hop) {
    const auto steps = hop.from < way.to ? way.to - hop.from : hop.from - way.to;
    const bool before = (hop.from < way.to) == way.to_server;
    return before ? steps : steps + ladder_.lanes.size();
  };
  auto best = open.end();
  for (auto at = open.begin(); at != open.end(); ++at) {
    const LadderHop& hop = ladder_.hops[*at];
    if (hop.from == way.to || marks_of(hop.packet) != marks) continue;
    const bool same = hop.source == packet.source && hop.destination == packet.destination;
    if (!same && hop.to != way.to) continue;
    if (best == open.end() || distance(hop) < distance(ladder_.hops[*best])) best = at;
  }
  if (best == open.end()) return nullptr;
  LadderHop& found = ladder_.hops[*best];
  open.erase(best);
  found.arrived = packet.at;
  found.to = way.to;
  return &found;
}

LadderHop& Teller::end_of(const Way& way, const trace::PacketRow& packet) {
  if (LadderHop* hop = take_under_way(way, packet)) return *hop;
  // Rows left out may have told of it.
  const bool departures_seen = !rows_left_out_ && sends_[way.from];
  return add(departures_seen ? path_.way_from_another(packet) : way, packet);
}

void Teller::arrive(const trace::PacketRow& packet) {
  const Way way = path_.way_to(packet);
  watched_[way.to] = true;
  end_of(way, packet);
}

void Teller::lose(const trace::PacketRow& packet) {
  std::deque<std::size_t>& open = under_way_[path_.to_server(packet) ? 1 : 0];
  const PacketMarks marks = marks_of(packet);
  const auto lost = std::find_if(open.begin(), open.end(), [&](std::size_t index) {
    const LadderHop& hop = ladder_.hops[index];
    return marks_of(hop.packet) == marks && hop.source == packet.source &&
           hop.destination == packet.destination;
  });
  if (lost != open.end()) {
    LadderHop& hop = ladder_.hops[*lost];
    hop.arrived = packet.at;
    open.erase(lost);
    return end(hop, Fate::lost, packet);
  }
  const Way way = path_.way_along(packet);
  LadderHop* hop = arrived_just_now(way, packet);
  if (hop != nullptr) return end(*hop, Fate::dropped_there, packet);
  end(add(way, packet), Fate::lost, packet);
}

void Teller::end(LadderHop& hop, Fate fate, const trace::PacketRow& why) {
  hop.fate = fate;
  hop.reason = why.reason;
  hop.where = why.object;
}

// What was received and then dropped has a hop that ended already.
LadderHop* Teller::arrived_just_now(const Way& way, const trace::PacketRow& packet) {
  for (auto past = ladder_.hops.rbegin(); past != ladder_.hops.rend(); ++past) {
    const bool same_way = past->to == way.to && path_.to_server(past->packet) == way.to_server;
    if (same_way && past->arrived == packet.at && past->fate == Fate::arrived &&
        marks_of(past->packet) == marks_of(packet)) {
      return &*past;
    }
    if (past->departed + std::chrono::seconds(1) < packet.at) break;
  }
  return nullptr;
}

void Teller::drop(const trace::PacketRow& packet) {
  if (path_.dropped_before_leaving(packet)) {
    return end(end_of(path_.way_from(packet), packet), Fate::lost, packet);
  }
  const Way way = path_.way_to(packet);
  watched_[way.to] = true;
  LadderHop* hop = arrived_just_now(way, packet);
  end(hop != nullptr ? *hop : end_of(way, packet), Fate::dropped_there, packet);
}

// Of the legs it passes, the first or the last.
bool Teller::as_headed(const LadderHop& hop) const {
  const bool up = hop.from < hop.to;
  const Ladder::Leg as_seen =
      up ? Ladder::Leg{hop.source, hop.destination} : Ladder::Leg{hop.destination, hop.source};
  const auto [low, high] = std::minmax(hop.from, hop.to);
  return as_seen == ladder_.legs[low] || as_seen == ladder_.legs[high - 1];
}

Ladder Teller::finish() {
  // Whoever watches a lane would have seen what arrived there; rows left out prove nothing.
  for (const std::deque<std::size_t>& open : under_way_) {
    for (const std::size_t index : open) {
      LadderHop& hop = ladder_.hops[index];
      if (!watched_[hop.to] || rows_left_out_) continue;
      hop.fate = Fate::lost;
      hop.reason = "not_seen_to_arrive";
    }
  }
  for (LadderHop& hop : ladder_.hops) hop.other_endpoints = !as_headed(hop);
  std::stable_sort(ladder_.hops.begin(), ladder_.hops.end(),
                   [](const LadderHop& a, const LadderHop& b) { return a.departed < b.departed; });
  if (!ladder_.hops.empty()) ladder_.begin = ladder_.hops.front().departed;
  if (ladder_.hops.size() > kMostHops) {
    ladder_.left_out += ladder_.hops.size() - kMostHops;
    ladder_.hops.resize(kMostHops);
  }
  return std::move(ladder_);
}

}  // namespace

Ladder ladder_of_packets(const trace::PacketConnectionRow& connection,
                         const std::vector<trace::PacketRow>& packets, const BoxKinds& kinds) {
  const LadderPath path(connection, packets, kinds);
  Teller teller(connection, path);
  for (const trace::PacketRow& packet : packets) teller.take(packet);
  return teller.finish();
}

std::string lane_word(const Ladder& ladder, std::size_t lane) {
  const LadderLane& of = ladder.lanes[lane];
  const auto others = std::count_if(ladder.lanes.begin(), ladder.lanes.end(),
                                    [&](const LadderLane& one) { return one.role == of.role; });
  const bool told = !of.role.empty() && (others == 1 || of.object.empty());
  return told ? of.role : of.object;
}

std::string hop_text(const LadderHop& hop) {
  const trace::PacketRow& packet = hop.packet;
  if (packet.protocol != "tcp") {
    return packet.protocol + " len " + std::to_string(packet.payload_bytes);
  }
  std::string text;
  const auto flag = [&](std::uint8_t bit, const char* name) {
    if ((packet.tcp_flags & bit) == 0) return;
    text += (text.empty() ? "" : ", ");
    text += name;
  };
  flag(net::tcp_flag::syn, "SYN");
  flag(net::tcp_flag::fin, "FIN");
  flag(net::tcp_flag::rst, "RST");
  flag(net::tcp_flag::psh, "PSH");
  flag(net::tcp_flag::ack, "ACK");
  text += "  seq " + std::to_string(hop.sequence);
  if ((packet.tcp_flags & net::tcp_flag::ack) != 0) {
    text += " ack " + std::to_string(hop.acknowledgment);
  }
  if (packet.payload_bytes > 0) text += " len " + std::to_string(packet.payload_bytes);
  return text;
}

}  // namespace elblab::gui
