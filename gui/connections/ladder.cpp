#include "gui/connections/ladder.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "models/net/packet_view.hpp"

namespace elblab::gui {
namespace {

using telemetry::PacketAction;

// Where a packet is on its way: which leg, and in which direction.
struct Way {
  std::size_t leg = 0;
  bool to_server = true;

  Lane3 from() const {
    if (leg == 0) return to_server ? Lane3::client : Lane3::balancer;
    return to_server ? Lane3::balancer : Lane3::server;
  }
  Lane3 to() const {
    if (leg == 0) return to_server ? Lane3::balancer : Lane3::client;
    return to_server ? Lane3::server : Lane3::balancer;
  }
  std::size_t index() const { return leg * 2 + (to_server ? 0 : 1); }
};

Way way_of(const trace::PacketConnectionRow& of, const trace::PacketRow& packet) {
  const auto is = [&](const std::string& from, const std::string& to) {
    return packet.source == from && packet.destination == to;
  };
  if (is(of.source, of.destination)) return {0, true};
  if (is(of.destination, of.source)) return {0, false};
  if (is(of.translated_source, of.translated_destination)) return {1, true};
  if (is(of.translated_destination, of.translated_source)) return {1, false};
  // A middlebox rewrote it, or another server was tried: the ends that are known decide.
  if (packet.destination == of.destination) return {0, true};
  if (packet.source == of.destination) return {0, false};
  return {1, packet.source == of.source || packet.source == of.translated_source};
}

// What the balancer leaves as it is: tells the packets of one way apart.
using Marks = std::tuple<std::uint8_t, std::uint32_t, std::uint32_t, std::uint32_t>;

Marks marks_of(const trace::PacketRow& packet) {
  return {packet.tcp_flags, packet.sequence, packet.acknowledgment, packet.payload_bytes};
}

bool takes_sequence(const trace::PacketRow& packet) {
  return packet.protocol == "tcp" &&
         (packet.payload_bytes > 0 ||
          (packet.tcp_flags & (net::tcp_flag::syn | net::tcp_flag::fin)) != 0);
}

class Teller {
 public:
  explicit Teller(const trace::PacketConnectionRow& connection) : connection_(connection) {
    ladder_.legs[0] = {connection.source, connection.destination};
    ladder_.legs[1] = {connection.translated_source, connection.translated_destination};
    ladder_.left_out = connection.left_out;
  }

  void take(const trace::PacketRow& packet);
  Ladder finish();

 private:
  void depart(const Way& way, const trace::PacketRow& packet);
  void arrive(const Way& way, const trace::PacketRow& packet);
  void drop(const Way& way, const trace::PacketRow& packet);
  // The hop under way that this is the end of; without one, a new hop.
  LadderHop& end_of(const Way& way, const trace::PacketRow& packet);
  LadderHop& add(const Way& way, const trace::PacketRow& packet);
  void number(const Way& way, LadderHop& hop);
  void name(Lane3 lane, const std::string& object);

  const trace::PacketConnectionRow& connection_;
  Ladder ladder_;
  std::array<std::deque<std::size_t>, 4> under_way_;  // of Way::index(): hops
  std::array<bool, 3> watched_{};                     // somebody saw packets arrive at the lane
  std::array<std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint8_t>>, 4> seen_;
  std::array<std::optional<std::uint32_t>, 2> first_sequence_;  // client's, server's
  std::array<std::set<std::string>, 3> names_;
};

void Teller::name(Lane3 lane, const std::string& object) {
  names_[static_cast<std::size_t>(lane)].insert(object);
}

void Teller::take(const trace::PacketRow& packet) {
  const Way way = way_of(connection_, packet);
  switch (packet.action) {
    case PacketAction::sent:
    case PacketAction::forwarded:
      return depart(way, packet);
    case PacketAction::received:
      return arrive(way, packet);
    case PacketAction::dropped:
      return drop(way, packet);
  }
}

LadderHop& Teller::add(const Way& way, const trace::PacketRow& packet) {
  LadderHop hop;
  hop.from = way.from();
  hop.to = way.to();
  hop.departed = packet.at;
  hop.arrived = packet.at;
  hop.source = packet.source;
  hop.destination = packet.destination;
  hop.packet = packet;
  number(way, hop);
  const Ladder::Leg& leg = ladder_.legs[way.leg];
  hop.other_endpoints = way.to_server
                            ? packet.source != leg.source || packet.destination != leg.destination
                            : packet.source != leg.destination || packet.destination != leg.source;
  if (takes_sequence(packet)) {
    const auto flags =
        static_cast<std::uint8_t>(packet.tcp_flags & (net::tcp_flag::syn | net::tcp_flag::fin));
    hop.retransmission =
        !seen_[way.index()].insert({packet.sequence, packet.payload_bytes, flags}).second;
  }
  ladder_.hops.push_back(std::move(hop));
  return ladder_.hops.back();
}

void Teller::number(const Way& way, LadderHop& hop) {
  if (hop.packet.protocol != "tcp") return;
  std::optional<std::uint32_t>& own = first_sequence_[way.to_server ? 0 : 1];
  // A reset without ACK may have sequence number 0: it is no beginning.
  if (!own && (hop.packet.tcp_flags & net::tcp_flag::rst) == 0) own = hop.packet.sequence;
  hop.sequence = hop.packet.sequence - own.value_or(hop.packet.sequence);
  if ((hop.packet.tcp_flags & net::tcp_flag::ack) == 0) return;
  const std::optional<std::uint32_t>& other = first_sequence_[way.to_server ? 1 : 0];
  hop.acknowledgment = hop.packet.acknowledgment - other.value_or(hop.packet.acknowledgment);
}

void Teller::depart(const Way& way, const trace::PacketRow& packet) {
  name(way.from(), packet.object);
  LadderHop& hop = add(way, packet);
  hop.rewritten = packet.action == PacketAction::forwarded;
  under_way_[way.index()].push_back(ladder_.hops.size() - 1);
}

LadderHop& Teller::end_of(const Way& way, const trace::PacketRow& packet) {
  std::deque<std::size_t>& open = under_way_[way.index()];
  const Marks marks = marks_of(packet);
  for (auto hop = open.begin(); hop != open.end(); ++hop) {
    if (marks_of(ladder_.hops[*hop].packet) != marks) continue;
    LadderHop& found = ladder_.hops[*hop];
    open.erase(hop);
    found.arrived = packet.at;
    return found;
  }
  return add(way, packet);
}

void Teller::arrive(const Way& way, const trace::PacketRow& packet) {
  name(way.to(), packet.object);
  watched_[static_cast<std::size_t>(way.to())] = true;
  end_of(way, packet);
}

void Teller::drop(const Way& way, const trace::PacketRow& packet) {
  const std::set<std::string>& here = names_[static_cast<std::size_t>(way.from())];
  const bool on_link = packet.reason.starts_with("link_");
  const bool before_leaving = !on_link && here.contains(packet.object);
  LadderHop* hop = nullptr;
  // What was received and then dropped has a hop that ended already.
  if (!on_link && !before_leaving) {
    for (auto past = ladder_.hops.rbegin(); past != ladder_.hops.rend(); ++past) {
      if (past->to == way.to() && past->from == way.from() && past->arrived == packet.at &&
          past->fate == Fate::arrived && marks_of(past->packet) == marks_of(packet)) {
        hop = &*past;
        break;
      }
      if (past->departed + std::chrono::seconds(1) < packet.at) break;
    }
    name(way.to(), packet.object);
    watched_[static_cast<std::size_t>(way.to())] = true;
  }
  if (hop == nullptr) hop = &end_of(way, packet);
  hop->fate = on_link || before_leaving ? Fate::lost : Fate::dropped_there;
  hop->reason = packet.reason;
  hop->where = packet.object;
}

Ladder Teller::finish() {
  // Whoever watches a lane would have seen what arrived there; rows left out prove nothing.
  for (const std::deque<std::size_t>& open : under_way_) {
    for (const std::size_t index : open) {
      LadderHop& hop = ladder_.hops[index];
      if (!watched_[static_cast<std::size_t>(hop.to)] || connection_.left_out > 0) continue;
      hop.fate = Fate::lost;
      hop.reason = "not_seen_to_arrive";
    }
  }
  for (std::size_t lane = 0; lane < names_.size(); ++lane) {
    for (const std::string& one : names_[lane]) {
      ladder_.names[lane] += (ladder_.names[lane].empty() ? "" : ", ") + one;
    }
  }
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
                         const std::vector<trace::PacketRow>& packets) {
  Teller teller(connection);
  for (const trace::PacketRow& packet : packets) teller.take(packet);
  return teller.finish();
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
