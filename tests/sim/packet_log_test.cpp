// Packets in the trace against the captures of the same run, read with libpcap: the same packets
// at the same times, and those of a connection are all there.
#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "tests/sim/link_fixture.hpp"  // printing of link kinds
#include "tests/sim/run_fixture.hpp"
#include "tests/worlds/seen_packets.hpp"

namespace elblab::sim::test {
namespace {

using language::LinkKind;
using telemetry::PacketAction;
using trace::PacketConnectionRow;
using trace::PacketRow;
using worlds::test::capture_of;
using worlds::test::Seen;
using worlds::test::seen;

std::vector<PacketRow> rows_of(const TracedRun& run) { return run.trace().packets(1, 10'000'000); }

std::vector<PacketConnectionRow> kept_of(const TracedRun& run) {
  return run.trace().packet_connections(1, 10'000'000);
}

std::vector<Seen> told_by(const TracedRun& run, const std::string& object,
                          const std::set<PacketAction>& actions) {
  return worlds::test::told_by(run.trace(), object, actions);
}

TracedRun run_of(const language::Scenario& scenario, worlds::PacketKeeping packets,
                 const std::filesystem::path& pcap_folder = {}) {
  RunOptions options;
  options.packets = packets;
  if (!pcap_folder.empty()) options.pcap_folder = pcap_folder;
  return TracedRun(scenario, options);
}

language::Scenario lossy(language::Scenario scenario) {
  for (language::HostSpec& host : scenario.hosts) host.link.loss = 0.02;
  return scenario;
}

const auto kAllKinds =
    boost::unit_test::data::make({LinkKind::point_to_point, LinkKind::csma, LinkKind::pooled});

BOOST_AUTO_TEST_SUITE(packet_log)

BOOST_DATA_TEST_CASE(all_packets_are_those_of_the_captures, kAllKinds, kind) {
  for (const Mode mode : {Mode::dnat, Mode::full_nat}) {
    const TemporaryFolder folder;
    const auto scenario = lossy(small_scenario(kind, mode));
    const TracedRun run = run_of(scenario, worlds::PacketKeeping::all, folder.path());
    std::size_t packets = 0;
    for (const language::HostSpec& host : scenario.hosts) {
      const auto captured = capture_of(folder / (host.name + ".pcap"));
      BOOST_TEST(
          (told_by(run, host.name, {PacketAction::sent, PacketAction::received}) == captured));
      packets += captured.size();
    }
    BOOST_TEST(packets > 2'000);
    BOOST_TEST((told_by(run, "balancer", {PacketAction::received}) ==
                capture_of(folder / "balancer.in.pcap")));
    BOOST_TEST((told_by(run, "balancer", {PacketAction::forwarded, PacketAction::sent}) ==
                capture_of(folder / "balancer.out.pcap")));
    // What the links lost is told with the link's name, which is the host's.
    std::size_t lost = 0;
    for (const PacketRow& row : rows_of(run)) {
      if (row.action == PacketAction::dropped && row.reason == "link_loss") ++lost;
    }
    BOOST_TEST(lost == run.events("packet_dropped", "link_loss"));
    BOOST_TEST(lost > 0);
  }
}

// What goes into the balancer comes out of it, the same but for its endpoints.
BOOST_AUTO_TEST_CASE(what_the_balancer_received_it_forwarded) {
  for (const Mode mode : {Mode::dnat, Mode::full_nat}) {
    const TracedRun run =
        run_of(small_scenario(LinkKind::point_to_point, mode), worlds::PacketKeeping::all);
    const std::vector<PacketRow> rows = rows_of(run);
    const auto kept = kept_of(run);
    std::size_t pairs = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].object != "balancer" || rows[i].action != PacketAction::received) continue;
      BOOST_REQUIRE(i + 1 < rows.size());
      const PacketRow& out = rows[i + 1];
      BOOST_REQUIRE(out.action == PacketAction::forwarded);
      BOOST_REQUIRE_EQUAL(out.connection, rows[i].connection);
      BOOST_TEST((out.at == rows[i].at));
      BOOST_TEST(out.sequence == rows[i].sequence);
      BOOST_TEST(out.payload_bytes == rows[i].payload_bytes);
      BOOST_TEST(out.tcp_flags == rows[i].tcp_flags);
      const PacketConnectionRow& c = kept[out.connection - 1];
      const bool from_client = rows[i].source == c.source;
      BOOST_TEST(rows[i].destination == (from_client ? c.destination : c.translated_source));
      BOOST_TEST(out.source == (from_client ? c.translated_source : c.destination));
      BOOST_TEST(out.destination == (from_client ? c.translated_destination : c.source));
      ++pairs;
    }
    BOOST_TEST(pairs > 1'000);
  }
}

BOOST_AUTO_TEST_CASE(packets_are_found_by_the_row_of_each_who_saw_the_connection) {
  for (const Mode mode : {Mode::dnat, Mode::full_nat}) {
    const TracedRun run =
        run_of(small_scenario(LinkKind::point_to_point, mode), worlds::PacketKeeping::all);
    std::map<std::uint64_t, std::set<std::string>> roles_of;
    for (const trace::ConnectionRow& c : run.trace().connections(1, 1'000'000)) {
      const auto packets = run.trace().packets_of(c.id);
      BOOST_REQUIRE(!packets.empty());
      roles_of[packets.front().connection].insert(c.role);
      // At the client its flow begins with its own SYN.
      if (c.role == "client") {
        BOOST_TEST(packets.front().source == c.source);
        BOOST_TEST((packets.front().at == c.opened_at));
      }
    }
    BOOST_TEST(roles_of.size() == kept_of(run).size());
    for (const auto& [connection, roles] : roles_of) BOOST_TEST(roles.size() == 3);
  }
}

// Some: the first of each host and those in trouble, each as complete as where all are kept.
BOOST_AUTO_TEST_CASE(some_are_a_part_of_all_and_whole) {
  auto scenario = lossy(small_scenario(LinkKind::point_to_point, Mode::full_nat));
  burst(scenario).rate_per_second = 400;
  const TracedRun some = run_of(scenario, worlds::PacketKeeping::some);
  const TracedRun all = run_of(scenario, worlds::PacketKeeping::all);
  std::map<std::pair<std::string, Instant>, std::vector<Seen>> packets_of_all;
  const auto rows_of_all = rows_of(all);
  for (const auto& c : kept_of(all)) {
    auto& packets = packets_of_all[{c.source, c.first_at}];
    for (auto id = c.first_packet; id <= c.last_packet; ++id) {
      packets.push_back(seen(rows_of_all[id - 1]));
    }
  }
  const auto rows_of_some = rows_of(some);
  std::map<std::string, int> kept_for;
  std::map<std::string, int> first_of;
  for (const auto& c : kept_of(some)) {
    std::vector<Seen> packets;
    for (auto id = c.first_packet; id <= c.last_packet; ++id) {
      packets.push_back(seen(rows_of_some[id - 1]));
    }
    BOOST_TEST((packets == packets_of_all[{c.source, c.first_at}]));
    BOOST_TEST(c.left_out == 0);
    ++kept_for[c.choice];
    if (c.choice == "first_of_host") ++first_of[c.source.substr(0, c.source.find(':'))];
  }
  BOOST_TEST(kept_of(some).size() < kept_of(all).size());
  BOOST_TEST(first_of.size() == 2);
  for (const auto& [client, n] : first_of) BOOST_TEST(n == 100);
  BOOST_TEST(kept_for["dropped"] > 0);
}

BOOST_AUTO_TEST_CASE(without_packets_there_are_none_and_all_else_is_the_same) {
  const auto scenario = lossy(small_scenario(LinkKind::point_to_point));
  const TracedRun none = run_of(scenario, worlds::PacketKeeping::none);
  const TracedRun some = run_of(scenario, worlds::PacketKeeping::some);
  BOOST_TEST(rows_of(none).empty());
  BOOST_TEST(!rows_of(some).empty());
  for (std::size_t i = 0; i < none.trace().table_digests().size(); ++i) {
    const auto [table, digest] = none.trace().table_digests()[i];
    const bool of_packets = table == "packets" || table == "packet_connections" ||
                            table == "decisions" || table == "decision_candidates" ||
                            table == "addresses";
    if (of_packets) continue;
    BOOST_TEST(digest == some.trace().table_digests()[i].second, table);
  }
}

// As many as there were responses, and where the mean response time says.
BOOST_AUTO_TEST_CASE(latencies_are_counted_in_buckets) {
  const TracedRun run =
      run_of(small_scenario(LinkKind::point_to_point), worlds::PacketKeeping::none);
  std::uint64_t n = 0;
  double low = 0;
  double high = 0;
  for (const trace::LatencyBucket& b : run.trace().latencies("burst", kStart, kNever)) {
    n += b.count;
    low += to_seconds(b.low) * static_cast<double>(b.count);
    high += to_seconds(b.high) * static_cast<double>(b.count);
  }
  BOOST_TEST(static_cast<double>(n) == run.total("responses", "burst"));
  BOOST_TEST(n > 0);
  double sum = 0;
  const auto responses = run.samples("responses", "burst");
  const auto times = run.samples("response_time", "burst");
  for (const trace::Point& time : times) {
    for (const trace::Point& count : responses) {
      if (count.at == time.at) sum += time.value / 1e3 * count.value;
    }
  }
  BOOST_TEST(low <= sum);
  BOOST_TEST(sum <= high);
  BOOST_TEST((run.trace().latencies("", kStart, kNever) ==
              run.trace().latencies("burst", kStart, kNever)));
}

// The cells of client × server against a count over all sessions.
BOOST_AUTO_TEST_CASE(traffic_adds_up_to_the_sessions) {
  const TracedRun run =
      run_of(lossy(small_scenario(LinkKind::point_to_point)), worlds::PacketKeeping::none);
  std::map<std::pair<std::string, std::string>, std::vector<std::uint64_t>> counted;
  for (const trace::ConnectionRow& c : run.trace().connections(1, 1'000'000)) {
    if (c.role != "session") continue;
    auto& cell = counted[{c.source.substr(0, c.source.find(':')), c.peer}];
    cell.resize(4);
    cell[0] += 1;
    cell[1] += c.established_at == kNever ? 1 : 0;
    cell[2] += c.bytes_sent;
    cell[3] += c.bytes_received;
  }
  const auto traffic = run.trace().traffic();
  BOOST_TEST(traffic.size() == 4);
  BOOST_TEST(traffic.size() == counted.size());
  for (const trace::TrafficRow& t : traffic) {
    const std::vector<std::uint64_t> row{t.connections, t.failed, t.bytes_sent, t.bytes_received};
    BOOST_TEST((counted[{t.client, t.server}] == row));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::sim::test
