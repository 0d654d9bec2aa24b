// The ladder: what it tells of packets, and the laws of its layout.
#include <QFontMetricsF>
#include <QLabel>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
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
    const LadderLayout layout = lay_out(ladder, width, QFontMetricsF(QFont()));
    QCOMPARE(ladder.hops.size(), made.departures);
    QCOMPARE(layout.arrows.size(), ladder.hops.size());
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

  void what_left_and_arrived_is_one_hop_and_a_rewrite_is_told() {
    const std::vector<trace::PacketRow> packets{
        seen(0, "c1", PacketAction::sent, kClient, kService, net::tcp_flag::syn, 7),
        seen(1, "lvs1", PacketAction::received, kClient, kService, net::tcp_flag::syn, 7),
        seen(1, "lvs1", PacketAction::forwarded, kNode, kServer, net::tcp_flag::syn, 7),
        seen(2, "b1", PacketAction::received, kNode, kServer, net::tcp_flag::syn, 7)};
    const Ladder ladder = ladder_of_packets(connection_row(), packets);
    QCOMPARE(ladder.hops.size(), std::size_t{2});
    QCOMPARE(ladder.names[0], std::string("c1"));
    QCOMPARE(ladder.names[1], std::string("lvs1"));
    QCOMPARE(ladder.names[2], std::string("b1"));
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
      QCOMPARE(canvas->ladder().names[0], std::string("c2"));
      QCOMPARE(canvas->ladder().names[1], std::string("balancer"));
      QCOMPARE(canvas->ladder().names[2], std::string("b1"));
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
