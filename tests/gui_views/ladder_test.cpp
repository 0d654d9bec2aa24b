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
#include "tests/gui_views/ladder_laws.hpp"
#include "tests/gui_views/ladder_packets.hpp"
#include "tests/gui_views/made_run.hpp"
#include "tests/gui_views/shown.hpp"
#include "tests/gui_views/suites.hpp"

namespace elblab::gui::test {
namespace {

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

  // In the window and in what is drawn without one.
  void above_the_lanes_stands_why_the_server_was_chosen() {
    Shown shown("ladder", {path_});
    shown.selection.choose_connection(ConnectionRef{shown.traces.all().front()->id(), 1});
    shown.settle();
    const auto* choice = shown.view->findChild<QLabel*>(QStringLiteral("choice"));
    QVERIFY(choice->isVisibleTo(shown.view.get()));
    QCOMPARE(choice->text(),
             QStringLiteral("chosen by balancer: app/b1 of 2, fewest connections for its weight: "
                            "3/2 < 2/1 (b2)"));
    shown.selection.choose_connection(ConnectionRef{shown.traces.all().front()->id(), 4});
    shown.settle();
    QVERIFY(!choice->isVisibleTo(shown.view.get()));
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
