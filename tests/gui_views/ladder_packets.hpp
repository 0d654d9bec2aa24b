// Packets of one connection along a path, as records have them: what tests of the ladder are made
// of.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "gui/connections/ladder_path.hpp"
#include "models/net/packet_view.hpp"

namespace elblab::gui::test {

using telemetry::PacketAction;

inline constexpr const char* kClient = "203.0.113.1:40000";
inline constexpr const char* kService = "198.51.100.10:80";
inline constexpr const char* kNode = "10.0.1.250:1024";
inline constexpr const char* kServer = "10.0.1.1:90";

inline trace::PacketConnectionRow connection_row() {
  trace::PacketConnectionRow row;
  row.id = 1;
  row.protocol = "tcp";
  row.source = kClient;
  row.destination = kService;
  row.translated_source = kNode;
  row.translated_destination = kServer;
  return row;
}

inline trace::PacketRow seen(double ms, const char* object, PacketAction action, const char* source,
                             const char* destination, std::uint8_t flags, std::uint32_t sequence,
                             std::uint32_t bytes = 0) {
  trace::PacketRow row;
  row.at = Instant(from_seconds(ms / 1000));
  row.object = object;
  row.action = action;
  row.protocol = "tcp";
  row.source = source;
  row.destination = destination;
  row.tcp_flags = flags;
  row.sequence = sequence;
  row.payload_bytes = bytes;
  return row;
}

using Lanes = std::vector<LadderLane>;

// Somebody on a path, and under which endpoints, client -> server, packets leave it for the next.
struct Stop {
  std::string object;
  std::string kind;
  std::string source;
  std::string destination;
};

// A client behind a NAT box, a firewall that changes nothing, a balancer, a server.
inline std::vector<Stop> five_stops() {
  return {{"c1", "host", kClient, kService},
          {"nat1", "middlebox", "198.18.0.1:1025", kService},
          {"fw1", "middlebox", "198.18.0.1:1025", kService},
          {"lb1", "balancer", kNode, kServer},
          {"b1", "host", "", ""}};
}

// Any number of balancers in a row, each with a port of its own towards the next.
inline std::vector<Stop> row_of_balancers(int balancers) {
  std::vector<Stop> stops{{"c1", "host", kClient, kService}};
  for (int i = 0; i < balancers; ++i) {
    const std::string n = std::to_string(i + 1);
    stops.push_back({"lb" + n, "balancer", "10.0." + n + ".250:1024",
                     i + 1 == balancers ? kServer : "198.51.100.1" + n + ":80"});
  }
  stops.push_back({"b1", "host", "", ""});
  return stops;
}

inline trace::PacketConnectionRow connection_along(const std::vector<Stop>& stops) {
  trace::PacketConnectionRow row = connection_row();
  row.translated_source = stops[stops.size() - 2].source;
  row.translated_destination = stops[stops.size() - 2].destination;
  return row;
}

// Rows of packets that go along a path.
class Walk {
 public:
  explicit Walk(std::vector<Stop> stops) : stops_(std::move(stops)) {}

  struct Packet {
    double ms = 0;
    bool up = true;
    std::uint8_t flags = 0;
    std::uint32_t sequence = 0;
    std::uint32_t bytes = 0;
    std::size_t legs = 100;  // so many, then a link loses it
    double way_ms = 1;
  };

  void go(const Packet& packet) {
    const std::size_t last = stops_.size() - 1;
    double now = packet.ms;
    for (std::size_t leg = 0; leg < last; ++leg) {
      const std::size_t from = packet.up ? leg : last - leg;
      const std::size_t to = packet.up ? from + 1 : from - 1;
      const Stop& written = stops_[std::min(from, to)];
      add(packet, now, stops_[from], leg == 0 ? PacketAction::sent : PacketAction::forwarded,
          written);
      ++departures;
      now += packet.way_ms;
      if (leg == packet.legs) {
        add(packet, now, {stops_[to].object, "link", "", ""}, PacketAction::dropped, written);
        rows.back().reason = "link_loss";
        return;
      }
      add(packet, now, stops_[to], PacketAction::received, written);
    }
  }

  std::vector<trace::PacketRow> sorted() const {
    std::vector<trace::PacketRow> all = rows;
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
    return all;
  }

  std::vector<trace::PacketRow> rows;
  BoxKinds kinds;
  std::size_t departures = 0;

 private:
  void add(const Packet& packet, double ms, const Stop& where, PacketAction action,
           const Stop& written) {
    rows.push_back(seen(ms, where.object.c_str(), action,
                        (packet.up ? written.source : written.destination).c_str(),
                        (packet.up ? written.destination : written.source).c_str(), packet.flags,
                        packet.sequence, packet.bytes));
    if (where.kind != "host" && where.kind != "link") kinds[where.object] = where.kind;
  }

  std::vector<Stop> stops_;
};

}  // namespace elblab::gui::test
