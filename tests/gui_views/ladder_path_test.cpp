// The ladder's lanes: who stands on the way of a connection's packets, and in which order.
#include <QFontMetricsF>
#include <QTest>
#include <array>

#include "gui/connections/connection_story.hpp"
#include "tests/gui_views/ladder_laws.hpp"
#include "tests/gui_views/ladder_packets.hpp"
#include "tests/gui_views/suites.hpp"

namespace elblab::gui::test {
namespace {

class LadderPathTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
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
};

}  // namespace

QObject* ladder_path_suite(QObject* parent) {
  auto* suite = new LadderPathTest;
  suite->setParent(parent);
  return suite;
}

}  // namespace elblab::gui::test

#include "ladder_path_test.moc"
