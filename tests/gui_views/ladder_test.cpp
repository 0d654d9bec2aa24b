// The ladder: what it tells of packets, and the laws of its layout.
#include <QFontMetricsF>
#include <QImage>
#include <QLabel>
#include <QPainter>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <array>
#include <random>

#include "gui/connections/connection_story.hpp"
#include "gui/connections/ladder_canvas.hpp"
#include "gui/connections/ladder_layout.hpp"
#include "gui/connections/ladder_view.hpp"
#include "models/net/packet_view.hpp"
#include "tests/gui_views/made_run.hpp"
#include "tests/gui_views/shown.hpp"
#include "tests/gui_views/suites.hpp"

namespace elblab::gui::test {
namespace {

using telemetry::PacketAction;

constexpr const char* kClient = "203.0.113.1:40000";
constexpr const char* kService = "198.51.100.10:80";
constexpr const char* kNode = "10.0.1.250:1024";
constexpr const char* kServer = "10.0.1.1:90";

trace::PacketConnectionRow connection_row() {
  trace::PacketConnectionRow row;
  row.id = 1;
  row.protocol = "tcp";
  row.source = kClient;
  row.destination = kService;
  row.translated_source = kNode;
  row.translated_destination = kServer;
  return row;
}

trace::PacketRow seen(double ms, const char* object, PacketAction action, const char* source,
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
std::vector<Stop> five_stops() {
  return {{"c1", "host", kClient, kService},
          {"nat1", "middlebox", "198.18.0.1:1025", kService},
          {"fw1", "middlebox", "198.18.0.1:1025", kService},
          {"lb1", "balancer", kNode, kServer},
          {"b1", "host", "", ""}};
}

// Any number of balancers in a row, each with a port of its own towards the next.
std::vector<Stop> row_of_balancers(int balancers) {
  std::vector<Stop> stops{{"c1", "host", kClient, kService}};
  for (int i = 0; i < balancers; ++i) {
    const std::string n = std::to_string(i + 1);
    stops.push_back({"lb" + n, "balancer", "10.0." + n + ".250:1024",
                     i + 1 == balancers ? kServer : "198.51.100.1" + n + ":80"});
  }
  stops.push_back({"b1", "host", "", ""});
  return stops;
}

trace::PacketConnectionRow connection_along(const std::vector<Stop>& stops) {
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

// Both sides send at random; some packets get lost, some are sent again, some take longer.
struct Random {
  std::vector<trace::PacketRow> packets;
  std::size_t departures = 0;
};

Random random_packets(unsigned seed) {
  std::mt19937 dice(seed);
  const auto roll = [&](unsigned sides) { return static_cast<unsigned>(dice() % sides); };
  Random made;
  double now = 0;
  std::uint32_t sequence[2] = {100, 5000};
  for (int i = 0; i < 40; ++i) {
    now += roll(10) == 0 ? 1000.0 + roll(60'000) : roll(5) * 0.3;
    const bool up = roll(2) == 0;
    const std::uint32_t bytes = roll(3) * 500;
    std::uint32_t& own = sequence[up ? 0 : 1];
    if (roll(4) != 0) own += bytes;
    const double way = 0.5 + roll(20) * 0.5;
    const char* from = up ? kClient : kServer;
    const char* to = up ? kService : kNode;
    made.packets.push_back(
        seen(now, up ? "c1" : "b1", PacketAction::sent, from, to, net::tcp_flag::ack, own, bytes));
    ++made.departures;
    if (roll(6) == 0) continue;
    made.packets.push_back(seen(now + way, "balancer", PacketAction::received, from, to,
                                net::tcp_flag::ack, own, bytes));
    const char* next_from = up ? kNode : kService;
    const char* next_to = up ? kServer : kClient;
    made.packets.push_back(seen(now + way, "balancer", PacketAction::forwarded, next_from, next_to,
                                net::tcp_flag::ack, own, bytes));
    ++made.departures;
    made.packets.push_back(seen(now + 2 * way, up ? "b1" : "c1", PacketAction::received, next_from,
                                next_to, net::tcp_flag::ack, own, bytes));
  }
  std::stable_sort(made.packets.begin(), made.packets.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  return made;
}

// The same along any path; links lose some, too.
Walk random_walk(unsigned seed, const std::vector<Stop>& stops) {
  std::mt19937 dice(seed);
  const auto roll = [&](unsigned sides) { return static_cast<unsigned>(dice() % sides); };
  Walk walk(stops);
  double now = 0;
  std::uint32_t sequence[2] = {100, 5000};
  for (int i = 0; i < 40; ++i) {
    now += roll(10) == 0 ? 1000.0 + roll(60'000) : roll(5) * 0.3;
    Walk::Packet packet;
    packet.ms = now;
    packet.up = roll(2) == 0;
    packet.flags = net::tcp_flag::ack;
    packet.bytes = roll(3) * 500;
    std::uint32_t& own = sequence[packet.up ? 0 : 1];
    if (roll(4) != 0) own += packet.bytes;
    packet.sequence = own;
    packet.way_ms = 0.5 + roll(20) * 0.5;
    if (roll(6) == 0) packet.legs = roll(static_cast<unsigned>(stops.size()));
    walk.go(packet);
  }
  return walk;
}

std::vector<QRectF> labels_of(const LadderLayout& layout) {
  std::vector<QRectF> labels;
  for (const LadderArrow& arrow : layout.arrows) labels.push_back(arrow.label);
  for (const LadderNote& note : layout.notes) labels.push_back(note.label);
  for (const LadderPause& pause : layout.pauses) labels.push_back(pause.band);
  return labels;
}

class LadderTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { path_ = write_run(folder_); }

  void labels_never_overlap_and_time_runs_down_data() {
    QTest::addColumn<unsigned>("seed");
    QTest::addColumn<double>("width");
    for (unsigned seed = 1; seed <= 20; ++seed) {
      for (const double width : {300.0, 600.0, 1400.0}) {
        QTest::addRow("seed %u, %.0f px", seed, width) << seed << width;
      }
    }
  }

  void labels_never_overlap_and_time_runs_down() {
    QFETCH(const unsigned, seed);
    QFETCH(const double, width);
    const Random made = random_packets(seed);
    const Ladder ladder = ladder_of_packets(connection_row(), made.packets);
    QCOMPARE(ladder.hops.size(), made.departures);
    QCOMPARE(ladder.lanes.size(), std::size_t{3});
    obeys_the_laws(ladder, lay_out(ladder, width, QFontMetricsF(QFont())));
  }

  void the_laws_hold_for_any_number_of_lanes_data() {
    QTest::addColumn<unsigned>("seed");
    QTest::addColumn<int>("balancers");
    QTest::addColumn<double>("width");
    for (unsigned seed = 1; seed <= 6; ++seed) {
      for (const int balancers : {0, 1, 2, 3, 5, 9}) {
        for (const double width : {300.0, 900.0}) {
          QTest::addRow("seed %u, %d balancers, %.0f px", seed, balancers, width)
              << seed << balancers << width;
        }
      }
    }
  }

  void the_laws_hold_for_any_number_of_lanes() {
    QFETCH(const unsigned, seed);
    QFETCH(const int, balancers);
    QFETCH(const double, width);
    const std::vector<Stop> stops = row_of_balancers(balancers);
    const Walk walk = random_walk(seed, stops);
    const Ladder ladder = ladder_of_packets(connection_along(stops), walk.sorted(), walk.kinds);
    QCOMPARE(ladder.lanes.size(), stops.size());
    QCOMPARE(ladder.hops.size(), walk.departures);
    for (const LadderHop& hop : ladder.hops) {
      QCOMPARE(std::max(hop.from, hop.to), std::min(hop.from, hop.to) + 1);
      QVERIFY(hop.fate == Fate::arrived || hop.reason == "link_loss");
    }
    obeys_the_laws(ladder, lay_out(ladder, width, QFontMetricsF(QFont())));
  }

  void everyone_on_the_path_has_a_lane() {
    Walk walk(five_stops());
    walk.go({.ms = 0, .flags = net::tcp_flag::syn, .sequence = 7});
    walk.go(
        {.ms = 10, .up = false, .flags = net::tcp_flag::syn | net::tcp_flag::ack, .sequence = 90});
    walk.go({.ms = 20, .flags = net::tcp_flag::ack, .sequence = 8, .bytes = 100, .legs = 2});
    walk.go({.ms = 250, .flags = net::tcp_flag::ack, .sequence = 8, .bytes = 100});
    const Ladder ladder = ladder_of_packets(connection_along(five_stops()), walk.rows, walk.kinds);
    QVERIFY((ladder.lanes == Lanes{{"c1", "client"},
                                   {"nat1", "middlebox"},
                                   {"fw1", "middlebox"},
                                   {"lb1", "balancer"},
                                   {"b1", "server"}}));
    QVERIFY((ladder.legs == std::vector<Ladder::Leg>{{kClient, kService},
                                                     {"198.18.0.1:1025", kService},
                                                     {"198.18.0.1:1025", kService},
                                                     {kNode, kServer}}));
    QCOMPARE(ladder.hops.size(), std::size_t{4 + 4 + 3 + 4});
    for (std::size_t i = 0; i < 4; ++i) {
      QCOMPARE(ladder.hops[i].from, i);
      QCOMPARE(ladder.hops[i].to, i + 1);
      QCOMPARE(ladder.hops[4 + i].from, 4 - i);
      QCOMPARE(ladder.hops[4 + i].to, 3 - i);
      QCOMPARE(hop_text(ladder.hops[i]), std::string("SYN  seq 0"));
      QVERIFY(!ladder.hops[i].other_endpoints && !ladder.hops[i].retransmission);
      QVERIFY(ladder.hops[11 + i].fate == Fate::arrived);
      // Lost between firewall and balancer: on the legs before, the same bytes come again.
      QCOMPARE(ladder.hops[11 + i].retransmission, i <= 2);
    }
    // A firewall that changes nothing rewrites nothing.
    for (const auto& [hop, rewritten] : {std::pair{1, true}, {2, false}, {3, true}}) {
      QCOMPARE(ladder.hops[static_cast<std::size_t>(hop)].rewritten, rewritten);
    }
    const LadderHop& lost = ladder.hops[10];
    QVERIFY(lost.fate == Fate::lost && lost.reason == "link_loss" && lost.from == 2 &&
            lost.to == 3);
    // Words for tables and tooltips: the role where it tells who.
    QCOMPARE(lane_word(ladder, 0), std::string("client"));
    QCOMPARE(lane_word(ladder, 1), std::string("nat1"));
    QCOMPARE(lane_word(ladder, 3), std::string("balancer"));
    const LadderLayout layout = lay_out(ladder, 900, QFontMetricsF(QFont()));
    QCOMPARE(layout.lanes.size(), std::size_t{5});
    obeys_the_laws(ladder, layout);
  }

  void a_balancer_that_only_answers_has_a_lane_and_the_server_nobody_saw_too() {
    const std::vector<trace::PacketRow> packets{
        seen(0, "c1", PacketAction::sent, kClient, kService, net::tcp_flag::syn, 7),
        seen(1, "lb1", PacketAction::received, kClient, kService, net::tcp_flag::syn, 7),
        seen(1, "lb1", PacketAction::sent, kService, kClient, net::tcp_flag::rst, 0),
        seen(2, "c1", PacketAction::received, kService, kClient, net::tcp_flag::rst, 0)};
    trace::PacketConnectionRow row = connection_row();
    row.translated_source.clear();
    row.translated_destination.clear();
    const Ladder ladder = ladder_of_packets(row, packets, {{"lb1", "balancer"}});
    QVERIFY((ladder.lanes == Lanes{{"c1", "client"}, {"lb1", "balancer"}, {"", "server"}}));
    QCOMPARE(ladder.hops.size(), std::size_t{2});
    QVERIFY(ladder.hops[1].from == 1 && ladder.hops[1].to == 0 && !ladder.hops[1].rewritten);
  }

  void answers_that_come_back_another_way_pass_by_the_lane_of_the_first() {
    const std::vector<trace::PacketRow> packets{
        seen(0, "c1", PacketAction::sent, kClient, kService, net::tcp_flag::syn, 7),
        seen(1, "lb1", PacketAction::received, kClient, kService, net::tcp_flag::syn, 7),
        seen(1, "lb1", PacketAction::forwarded, kClient, kServer, net::tcp_flag::syn, 7),
        seen(2, "b1", PacketAction::received, kClient, kServer, net::tcp_flag::syn, 7),
        seen(2, "b1", PacketAction::sent, kServer, kClient, net::tcp_flag::rst, 9),
        seen(3, "lb2", PacketAction::received, kServer, kClient, net::tcp_flag::rst, 9),
        seen(3, "lb2", PacketAction::forwarded, "198.51.100.20:80", kClient, net::tcp_flag::rst, 9),
        seen(4, "c1", PacketAction::received, "198.51.100.20:80", kClient, net::tcp_flag::rst, 9)};
    trace::PacketConnectionRow row = connection_row();
    row.translated_source = kClient;
    const Ladder ladder = ladder_of_packets(row, packets);
    QVERIFY((ladder.lanes ==
             Lanes{{"c1", "client"}, {"lb1", "balancer"}, {"lb2", "balancer"}, {"b1", "server"}}));
    QCOMPARE(ladder.hops.size(), std::size_t{4});
    QVERIFY(ladder.hops[1].from == 1 && ladder.hops[1].to == 3);
    QVERIFY(ladder.hops[2].from == 3 && ladder.hops[2].to == 2);
    QVERIFY(ladder.hops[3].from == 2 && ladder.hops[3].to == 0);
    QVERIFY(ladder.hops[3].rewritten && ladder.hops[3].other_endpoints);
    for (const LadderHop& hop : ladder.hops) QVERIFY(hop.fate == Fate::arrived);
    QCOMPARE(lane_word(ladder, 2), std::string("lb2"));
    obeys_the_laws(ladder, lay_out(ladder, 700, QFontMetricsF(QFont())));
  }

  // The same flow towards the server through another balancer, whose connection is another one: a
  // trace tells its packets at the server, which answers to that balancer.
  void what_another_balancer_sent_under_the_same_flow_comes_from_its_lane() {
    std::vector<Stop> stops = row_of_balancers(1);
    stops[1].source = kClient;
    Walk walk(stops);
    walk.go({.ms = 0, .flags = net::tcp_flag::syn, .sequence = 7});
    walk.go(
        {.ms = 5, .up = false, .flags = net::tcp_flag::syn | net::tcp_flag::ack, .sequence = 90});
    walk.rows.push_back(
        seen(20, "b1", PacketAction::received, kClient, kServer, net::tcp_flag::syn, 4000));
    walk.rows.push_back(
        seen(20, "b1", PacketAction::sent, kServer, kClient, net::tcp_flag::ack, 91));
    walk.rows.push_back(
        seen(21, "lb2", PacketAction::received, kServer, kClient, net::tcp_flag::ack, 91));
    walk.kinds["lb2"] = "balancer";
    const Ladder ladder = ladder_of_packets(connection_along(stops), walk.rows, walk.kinds);
    QVERIFY((ladder.lanes ==
             Lanes{{"c1", "client"}, {"lb1", "balancer"}, {"lb2", "balancer"}, {"b1", "server"}}));
    QCOMPARE(ladder.hops.size(), std::size_t{6});
    const LadderHop& other = ladder.hops[4];
    QVERIFY(other.from == 2 && other.to == 3);
    QCOMPARE(hop_text(other), std::string("SYN  seq 0"));
    QVERIFY(ladder.hops[5].from == 3 && ladder.hops[5].to == 2);
  }

  void a_host_that_is_chosen_for_its_own_request_has_a_lane_on_both_sides() {
    std::vector<Stop> stops = row_of_balancers(1);
    stops.front().object = "b1";
    Walk walk(stops);
    walk.go({.ms = 0, .flags = net::tcp_flag::syn, .sequence = 7});
    walk.go({.ms = 5, .up = false, .flags = net::tcp_flag::rst, .sequence = 9});
    const Ladder ladder = ladder_of_packets(connection_along(stops), walk.rows, walk.kinds);
    QVERIFY((ladder.lanes == Lanes{{"b1", "client"}, {"lb1", "balancer"}, {"b1", "server"}}));
    QCOMPARE(ladder.hops.size(), std::size_t{4});
    for (const LadderHop& hop : ladder.hops) QVERIFY(hop.fate == Fate::arrived);
  }

  void hosts_that_speak_to_each_other_have_nobody_between() {
    Walk walk(row_of_balancers(0));
    walk.go({.ms = 0, .flags = net::tcp_flag::syn, .sequence = 7});
    walk.go({.ms = 5, .up = false, .flags = net::tcp_flag::rst, .sequence = 9});
    trace::PacketConnectionRow row = connection_row();
    row.translated_source.clear();
    row.translated_destination.clear();
    const Ladder ladder = ladder_of_packets(row, walk.rows, walk.kinds);
    QVERIFY((ladder.lanes == Lanes{{"c1", "client"}, {"b1", "server"}}));
    QCOMPARE(ladder.hops.size(), std::size_t{2});
    obeys_the_laws(ladder, lay_out(ladder, 500, QFontMetricsF(QFont())));
  }

  void what_a_balancer_of_several_drops_stands_where_it_was_dropped() {
    const std::vector<Stop> stops = row_of_balancers(2);
    Walk walk(stops);
    walk.go({.ms = 0, .flags = net::tcp_flag::syn, .sequence = 7});
    // The second balancer takes the next one and drops it.
    walk.go({.ms = 10, .flags = net::tcp_flag::ack, .sequence = 8, .bytes = 10});
    while (walk.rows.back().object != "lb2") walk.rows.pop_back();
    walk.rows.pop_back();
    walk.rows.push_back(walk.rows.back());
    walk.rows.back().action = PacketAction::dropped;
    walk.rows.back().reason = "bandwidth_exceeded";
    const Ladder ladder = ladder_of_packets(connection_along(stops), walk.rows, walk.kinds);
    QCOMPARE(ladder.hops.size(), std::size_t{3 + 2});
    const LadderHop& dropped = ladder.hops.back();
    QVERIFY(dropped.fate == Fate::dropped_there && dropped.from == 1 && dropped.to == 2);
    QCOMPARE(dropped.where, std::string("lb2"));
    QVERIFY(ladder.hops[3].fate == Fate::arrived);
  }

  // As a trace tells it: the balancer receives, one of its nodes drops.
  void a_node_that_only_drops_stands_with_its_balancer() {
    const std::vector<Stop> stops = row_of_balancers(2);
    Walk walk(stops);
    walk.go({.ms = 0, .flags = net::tcp_flag::syn, .sequence = 7});
    walk.go({.ms = 10, .flags = net::tcp_flag::ack, .sequence = 8, .bytes = 10});
    while (walk.rows.back().object != "lb1") walk.rows.pop_back();
    walk.rows.pop_back();
    QVERIFY(walk.rows.back().object == "lb1");
    walk.rows.push_back(walk.rows.back());
    walk.rows.back().action = PacketAction::dropped;
    walk.rows.back().object = "lb1/lvs2";
    walk.rows.back().reason = "bandwidth_exceeded";
    BoxKinds kinds = walk.kinds;
    kinds["lb1/lvs2"] = "node";
    const Ladder ladder = ladder_of_packets(connection_along(stops), walk.rows, kinds);
    QVERIFY((ladder.lanes == Lanes{{"c1", "client"},
                                   {"lb1, lb1/lvs2", "balancer"},
                                   {"lb2", "balancer"},
                                   {"b1", "server"}}));
    QCOMPARE(ladder.hops.size(), std::size_t{3 + 1});
    QVERIFY(ladder.hops.back().fate == Fate::dropped_there && ladder.hops.back().to == 1);
    QCOMPARE(ladder.hops.back().where, std::string("lb1/lvs2"));
  }

  void records_of_balancers_in_a_row_stand_in_their_order() {
    std::vector<trace::ConnectionRow> records;
    const std::vector<Stop> stops = row_of_balancers(3);
    const auto add = [&](std::size_t stop, const char* role) {
      trace::ConnectionRow record;
      record.object = stops[stop].object;
      record.role = role;
      record.reason = "closed_by_peer";
      const Stop& before = stops[stop == 0 ? 0 : stop - 1];
      record.source = before.source;
      record.destination = before.destination;
      if (record.role == "session") {
        record.translated_source = stops[stop].source;
        record.translated_destination = stops[stop].destination;
      }
      record.opened_at = kStart + std::chrono::milliseconds(stop);
      record.closed_at = record.opened_at + std::chrono::seconds(1);
      records.push_back(record);
    };
    for (const std::size_t balancer : {3, 1, 2}) add(balancer, "session");
    add(4, "server");
    add(0, "client");
    const Ladder ladder = ladder_of_records(records);
    QVERIFY((ladder.lanes == Lanes{{"c1", "client"},
                                   {"lb1", "balancer"},
                                   {"lb2", "balancer"},
                                   {"lb3", "balancer"},
                                   {"b1", "server"}}));
    for (std::size_t leg = 0; leg < ladder.legs.size(); ++leg) {
      QCOMPARE(ladder.legs[leg].source, stops[leg].source);
      QCOMPARE(ladder.legs[leg].destination, stops[leg].destination);
    }
    QCOMPARE(ladder.marks.size(), std::size_t{10});
    obeys_the_laws(ladder, lay_out(ladder, 900, QFontMetricsF(QFont())));
  }

  void records_of_a_nat_box_stand_between_its_client_and_the_balancer() {
    const char* const kFlows[][2]{{"100.64.0.1:40000", "198.51.100.10:80"},
                                  {"203.0.113.1:1024", "198.51.100.10:80"},
                                  {"203.0.113.1:1024", "192.168.1.1:90"}};
    const std::array<LadderLane, 4> seen_by{
        {{"c1", "client"}, {"nat1", "translation"}, {"lb1", "session"}, {"b1", "server"}}};
    std::vector<trace::ConnectionRow> records;
    for (std::size_t i = 0; i < seen_by.size(); ++i) {
      trace::ConnectionRow record;
      record.object = seen_by[i].object;
      record.role = seen_by[i].role;
      record.reason = "closed_by_peer";
      const std::size_t before = i == 0 ? 0 : i - 1;
      record.source = kFlows[before][0];
      record.destination = kFlows[before][1];
      if (i == 1 || i == 2) {
        record.translated_source = kFlows[i][0];
        record.translated_destination = kFlows[i][1];
      }
      record.opened_at = kStart + std::chrono::milliseconds(i);
      record.closed_at = record.opened_at + std::chrono::seconds(1);
      records.push_back(record);
    }
    std::swap(records[1], records[2]);  // the balancer's ends first
    const Ladder ladder = ladder_of_records(records);
    QVERIFY(
        (ladder.lanes ==
         Lanes{{"c1", "client"}, {"nat1", "middlebox"}, {"lb1", "balancer"}, {"b1", "server"}}));
    for (std::size_t leg = 0; leg < ladder.legs.size(); ++leg) {
      QCOMPARE(ladder.legs[leg].source, std::string(kFlows[leg][0]));
      QCOMPARE(ladder.legs[leg].destination, std::string(kFlows[leg][1]));
    }
  }

  void a_picture_too_narrow_for_its_lanes_is_smaller_not_cut() {
    const std::vector<Stop> stops = row_of_balancers(9);
    Walk walk(stops);
    walk.go({.ms = 0, .flags = net::tcp_flag::syn, .sequence = 7});
    LadderCanvas canvas;
    canvas.show_ladder(ladder_of_packets(connection_along(stops), walk.rows, walk.kinds));
    QImage image(500, 400, QImage::Format_RGB32);
    QPainter painter(&image);
    canvas.paint_picture(painter, QRectF(image.rect()));
    painter.end();
    // The foot holds nothing but the lanes.
    const QRgb ground = Theme::of(canvas.palette()).ground.rgb();
    int lanes = 0;
    bool within = false;
    for (int x = 0; x < image.width(); ++x) {
      const bool line = image.pixel(x, 390) != ground;
      lanes += line && !within ? 1 : 0;
      within = line;
    }
    QCOMPARE(lanes, 11);
  }

  void what_left_and_arrived_is_one_hop_and_a_rewrite_is_told() {
    const std::vector<trace::PacketRow> packets{
        seen(0, "c1", PacketAction::sent, kClient, kService, net::tcp_flag::syn, 7),
        seen(1, "lvs1", PacketAction::received, kClient, kService, net::tcp_flag::syn, 7),
        seen(1, "lvs1", PacketAction::forwarded, kNode, kServer, net::tcp_flag::syn, 7),
        seen(2, "b1", PacketAction::received, kNode, kServer, net::tcp_flag::syn, 7)};
    const Ladder ladder = ladder_of_packets(connection_row(), packets);
    QCOMPARE(ladder.hops.size(), std::size_t{2});
    QVERIFY((ladder.lanes == Lanes{{"c1", "client"}, {"lvs1", "balancer"}, {"b1", "server"}}));
    QVERIFY(!ladder.hops[0].rewritten);
    QVERIFY(ladder.hops[1].rewritten);
    QCOMPARE(ladder.hops[1].source, std::string(kNode));
    QCOMPARE(ladder.hops[1].destination, std::string(kServer));
    QVERIFY(ladder.hops[0].fate == Fate::arrived && ladder.hops[1].fate == Fate::arrived);
    QCOMPARE(hop_text(ladder.hops[0]), std::string("SYN  seq 0"));
  }

  void the_same_bytes_again_are_a_retransmission_on_each_leg_and_others_are_not() {
    std::vector<trace::PacketRow> packets;
    for (const double ms : {0.0, 200.0}) {
      packets.push_back(
          seen(ms, "c1", PacketAction::sent, kClient, kService, net::tcp_flag::ack, 5, 100));
      packets.push_back(seen(ms + 1, "lvs1", PacketAction::forwarded, kNode, kServer,
                             net::tcp_flag::ack, 5, 100));
    }
    packets.push_back(
        seen(300, "c1", PacketAction::sent, kClient, kService, net::tcp_flag::ack, 105, 100));
    packets.push_back(
        seen(301, "c1", PacketAction::sent, kClient, kService, net::tcp_flag::ack, 205));
    packets.push_back(
        seen(302, "c1", PacketAction::sent, kClient, kService, net::tcp_flag::ack, 205));
    const Ladder ladder = ladder_of_packets(connection_row(), packets);
    std::vector<bool> again;
    for (const LadderHop& hop : ladder.hops) again.push_back(hop.retransmission);
    // Pure acknowledgments take no sequence numbers: sent twice they are no retransmission.
    QVERIFY((again == std::vector<bool>{false, false, true, true, false, false, false}));
  }

  void whoever_cannot_see_does_not_prove_a_loss() {
    // A capture at the balancer: no hosts.
    const std::vector<trace::PacketRow> packets{
        seen(0, "lvs1", PacketAction::received, kClient, kService, net::tcp_flag::syn, 7),
        seen(0, "lvs1", PacketAction::forwarded, kNode, kServer, net::tcp_flag::syn, 7)};
    const Ladder ladder = ladder_of_packets(connection_row(), packets);
    QCOMPARE(ladder.hops.size(), std::size_t{2});
    for (const LadderHop& hop : ladder.hops) QVERIFY(hop.fate == Fate::arrived);
  }

  void every_drop_has_its_reason_and_its_place() {
    Shown shown("ladder", {path_});
    shown.selection.choose_connection(ConnectionRef{shown.traces.all().front()->id(), 1});
    shown.settle();
    const auto* canvas = shown.view->findChild<LadderCanvas*>();
    QVERIFY((canvas->ladder().lanes ==
             Lanes{{"c1", "client"}, {"balancer", "balancer"}, {"b1", "server"}}));
    const std::vector<LadderHop>& hops = canvas->ladder().hops;
    QCOMPARE(hops.size(), std::size_t{9});
    QVERIFY(hops[0].fate == Fate::lost);
    QCOMPARE(hops[0].reason, std::string("link_loss"));
    QVERIFY(hops[1].retransmission);
    const LadderHop& dropped = hops[7];
    QVERIFY(dropped.fate == Fate::dropped_there);
    QCOMPARE(dropped.reason, std::string("bandwidth_exceeded"));
    QCOMPARE(dropped.where, std::string("balancer"));
    QVERIFY(hops[8].retransmission);
    QVERIFY(hops[8].fate == Fate::arrived);
    QCOMPARE(canvas->layout_of_ladder().pauses.size(), std::size_t{2});
  }

  void the_ladder_is_that_of_any_record_of_the_connection() {
    Shown shown("ladder", {path_});
    for (const std::uint64_t id : {1, 2, 3}) {
      shown.selection.choose_connection(ConnectionRef{shown.traces.all().front()->id(), id});
      shown.settle();
      QCOMPARE(shown.view->table().rows.size(), std::size_t{9});
    }
  }

  void without_packets_the_records_of_all_who_saw_it_tell_its_moments() {
    Shown shown("ladder", {path_});
    for (const std::uint64_t id : {4, 5, 6}) {
      shown.selection.choose_connection(ConnectionRef{shown.traces.all().front()->id(), id});
      shown.settle();
      const auto* canvas = shown.view->findChild<LadderCanvas*>();
      QCOMPARE(canvas->ladder().marks.size(), std::size_t{9});
      QVERIFY(canvas->ladder().hops.empty());
      QVERIFY((canvas->ladder().lanes ==
               Lanes{{"c2", "client"}, {"balancer", "balancer"}, {"b1", "server"}}));
      const auto* remark = shown.view->findChild<QLabel*>(QStringLiteral("remark"));
      QVERIFY(remark->text().contains(QStringLiteral("--packets all")));
    }
  }

  void keys_walk_along_the_hops_and_tell_each() {
    Shown shown("ladder", {path_});
    auto* canvas = shown.view->findChild<LadderCanvas*>();
    QTest::keyClick(canvas, Qt::Key_Down);
    QCOMPARE(canvas->selected_hop(), std::optional<std::size_t>(0));
    for (int i = 0; i < 20; ++i) QTest::keyClick(canvas, Qt::Key_Down);
    QCOMPARE(canvas->selected_hop(), std::optional<std::size_t>(8));
    QTest::keyClick(canvas, Qt::Key_Up);
    QCOMPARE(canvas->selected_hop(), std::optional<std::size_t>(7));
    const auto* details = shown.view->findChild<QLabel*>(QStringLiteral("details"));
    QVERIFY(details->text().contains(QStringLiteral("bandwidth exceeded")));
  }

 private:
  // Of ladder_layout.hpp.
  static void obeys_the_laws(const Ladder& ladder, const LadderLayout& layout) {
    QCOMPARE(layout.arrows.size(), ladder.hops.size());
    QCOMPARE(layout.lanes.size(), ladder.lanes.size());
    QVERIFY(std::is_sorted(layout.lanes.begin(), layout.lanes.end()));
    QVERIFY(layout.lanes.back() < layout.size.width());
    const std::vector<QRectF> labels = labels_of(layout);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      for (std::size_t j = i + 1; j < labels.size(); ++j) {
        const QRectF both = labels[i].intersected(labels[j]);
        QVERIFY2(both.width() <= 0.01 || both.height() <= 0.01, qPrintable(QString::number(i)));
      }
    }
    for (std::size_t i = 0; i < layout.arrows.size(); ++i) {
      const LadderArrow& arrow = layout.arrows[i];
      QVERIFY(arrow.line.y2() <= layout.size.height());
      QVERIFY(arrow.label.right() <= layout.size.width());
      for (std::size_t j = 0; j < i; ++j) {
        const LadderArrow& before = layout.arrows[j];
        QVERIFY(before.line.y1() <= arrow.line.y1());
        const bool later = ladder.hops[j].departed < ladder.hops[i].departed;
        QVERIFY(!later || before.line.y1() < arrow.line.y1());
        const bool arrived = ladder.hops[j].arrived <= ladder.hops[i].departed;
        if (arrived && ladder.hops[j].fate == Fate::arrived) {
          QVERIFY(before.line.y2() <= arrow.line.y1());
        }
      }
    }
    double bottom = -1;
    for (const LadderTime& time : layout.times) {
      QVERIFY(time.label.top() >= bottom);
      bottom = time.label.bottom();
    }
  }

  QTemporaryDir folder_;
  std::filesystem::path path_;
};

}  // namespace

QObject* ladder_suite(QObject* parent) {
  auto* suite = new LadderTest;
  suite->setParent(parent);
  return suite;
}

}  // namespace elblab::gui::test

#include "ladder_test.moc"
