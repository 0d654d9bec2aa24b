// The packets that a trace kept, as a capture: fields, times and checksums are those recorded, and
// tshark has nothing to complain about.
#include "pcap/recorded/recorded_packets.hpp"

#include <boost/test/unit_test.hpp>

#include "models/net/packet_view.hpp"
#include "tests/metrics/made_trace.hpp"
#include "tests/must.hpp"
#include "tests/pcap/capture_builder.hpp"

namespace elblab::pcap::test {
namespace {

using metrics::test::MadeTrace;
using telemetry::PacketAction;

net::IpAddress address(const char* text) { return *net::IpAddress::parse(text); }

telemetry::PacketRecord packet_at(telemetry::ObjectId object, PacketAction action,
                                  std::int64_t at_ns, std::uint8_t flags) {
  telemetry::PacketRecord packet;
  packet.at = Instant(Duration(at_ns));
  packet.object = object;
  packet.action = action;
  packet.tcp_flags = flags;
  packet.window = 502;
  packet.flow = {
      {address("203.0.113.1"), 40'000}, {address("198.51.100.10"), 80}, net::Protocol::tcp};
  packet.sequence = 4'000'000'000;
  packet.acknowledgment = 7;
  packet.has_timestamps = true;
  packet.timestamp_value = 11;
  packet.timestamp_echo = 22;
  return packet;
}

telemetry::PacketConnection connection_of(const telemetry::PacketRecord& packet) {
  telemetry::PacketConnection connection;
  connection.flow = packet.flow;
  connection.first_at = packet.at;
  connection.last_at = packet.at;
  return connection;
}

// Two connections: the first with a SYN, data seen at two places and a drop; the second IPv6, UDP,
// and earlier.
void write_packets(MadeTrace& made) {
  const auto balancer = made.object("balancer", trace::ObjectKind::balancer);
  const auto client = made.object("c1", trace::ObjectKind::host);
  auto syn = packet_at(balancer, PacketAction::received, 5'000'000'001, 0x02);
  syn.mss = 1'460;
  made.writer().packet(syn);
  auto data = packet_at(client, PacketAction::sent, 5'100'000'000, 0x18);
  data.payload_bytes = 1'001;
  made.writer().packet(data);
  data.object = balancer;
  data.action = PacketAction::received;
  data.at += Duration(1'000);
  made.writer().packet(data);
  data.action = PacketAction::dropped;
  data.reason = telemetry::Reason::no_server;
  made.writer().packet(data);
  made.writer().packet_connection(connection_of(syn));
  auto datagram = packet_at(balancer, PacketAction::forwarded, 1'000'000'000, 0);
  datagram.has_timestamps = false;
  datagram.flow = {
      {address("2001:db8::1"), 5'000}, {address("2001:db8::2"), 53}, net::Protocol::udp};
  datagram.payload_bytes = 90'000;  // more than a packet holds
  made.writer().packet(datagram);
  made.writer().packet_connection(connection_of(datagram));
}

struct Exported {
  TemporaryFolder folder;
  std::filesystem::path path = folder / "x.pcap";
  RecordedCapture result;

  Exported(const trace::Reader& trace, const RecordedSelection& selection) {
    const auto writer = must(Writer::open(path));
    result = write_recorded_packets(trace, selection, *writer, nullptr);
    must(writer->close());
  }
  std::vector<ReadRecord> records() const { return all_records(*open(path)); }
};

BOOST_AUTO_TEST_SUITE(recorded)

BOOST_AUTO_TEST_CASE(a_place_saw_what_it_received_and_sent_in_the_order_of_time) {
  MadeTrace made;
  write_packets(made);
  const Exported capture(made.finish(10), {});
  const auto records = capture.records();
  BOOST_TEST(capture.result.problem == "");
  BOOST_TEST(capture.result.packets == 3U);
  BOOST_REQUIRE_EQUAL(records.size(), 3U);
  BOOST_TEST(records[0].at_ns == 1'000'000'000);
  BOOST_TEST(records[1].at_ns == 5'000'000'001);
  BOOST_TEST(records[2].at_ns == 5'100'001'000);
}

BOOST_AUTO_TEST_CASE(tshark_finds_every_field_and_right_checksums,
                     *boost::unit_test::precondition([](auto) { return have_command("tshark"); })) {
  MadeTrace made;
  write_packets(made);
  const Exported capture(made.finish(10), {});
  const std::string tshark = "tshark -r '" + capture.path.string() +
                             "' -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE"
                             " -o udp.check_checksum:TRUE ";
  BOOST_TEST(output_of(tshark + "-Y '_ws.malformed || ip.checksum.status == \"Bad\" ||"
                                " tcp.checksum.status == \"Bad\" ||"
                                " udp.checksum.status == \"Bad\"' 2>/dev/null") == "");
  BOOST_TEST(output_of(tshark +
                       "-Y tcp -T fields -e frame.time_epoch -e ip.src -e tcp.dstport -e tcp.flags"
                       " -e tcp.seq_raw -e tcp.ack_raw -e tcp.window_size_value -e tcp.len"
                       " -e tcp.options.mss_val -e tcp.options.timestamp.tsval 2>/dev/null") ==
             "5.000000001\t203.0.113.1\t80\t0x0002\t4000000000\t7\t502\t0\t1460\t11\n"
             "5.100001000\t203.0.113.1\t80\t0x0018\t4000000000\t7\t502\t1001\t\t11\n");
  BOOST_TEST(output_of(tshark + "-Y udp -T fields -e ipv6.dst -e udp.dstport 2>/dev/null") ==
             "2001:db8::2\t53\n");
}

BOOST_AUTO_TEST_CASE(a_packet_is_cut_at_the_snap_length_and_says_how_long_it_was) {
  MadeTrace made;
  write_packets(made);
  const Exported capture(made.finish(10), {"balancer", {}, 60});
  const auto records = capture.records();
  BOOST_REQUIRE_EQUAL(records.size(), 3U);
  BOOST_TEST(records[2].bytes.size() == 60U);
  // IPv4 and TCP headers with timestamps, and the payload.
  BOOST_TEST(records[2].original_length == 20U + 32U + 1'001U);
}

BOOST_AUTO_TEST_CASE(another_place_and_nobody) {
  MadeTrace made;
  write_packets(made);
  const trace::Reader& trace = made.finish(10);
  BOOST_TEST(Exported(trace, {"c1", {}, 65'535}).result.packets == 1U);
  BOOST_TEST(Exported(trace, {"it's nobody", {}, 65'535}).result.packets == 0U);
  BOOST_TEST(Exported(trace, {"balancer", 99, 65'535}).result.packets == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::pcap::test
