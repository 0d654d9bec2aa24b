#include "tests/worlds/seen_packets.hpp"

#include <pcap/pcap.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "models/net/packet_view.hpp"

namespace elblab::worlds::test {

Seen seen(const trace::PacketRow& row) {
  return {row.at.time_since_epoch().count(),
          row.source,
          row.destination,
          row.sequence,
          row.acknowledgment,
          row.payload_bytes,
          row.tcp_flags,
          row.window};
}

Seen seen(std::int64_t at_ns, const std::vector<std::uint8_t>& packet) {
  std::vector<std::uint8_t> copy = packet;
  net::PacketView p;
  BOOST_REQUIRE(net::PacketView::parse(copy, p) == net::ParseError::none);
  BOOST_REQUIRE(p.protocol() == net::Protocol::tcp);
  return {at_ns,
          p.flow().source.to_string(),
          p.flow().destination.to_string(),
          p.sequence(),
          p.acknowledgment(),
          static_cast<std::uint32_t>(p.payload().size()),
          p.tcp_flags(),
          p.window()};
}

std::vector<Seen> capture_of(const std::filesystem::path& path) {
  char problem[PCAP_ERRBUF_SIZE] = {};
  pcap_t* file =
      pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, problem);
  BOOST_REQUIRE_MESSAGE(file != nullptr, problem);
  std::vector<Seen> packets;
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  while (pcap_next_ex(file, &header, &bytes) == 1) {
    packets.push_back(seen(header->ts.tv_sec * 1'000'000'000 + header->ts.tv_usec,
                           {bytes, bytes + header->caplen}));
  }
  pcap_close(file);
  std::sort(packets.begin(), packets.end());
  return packets;
}

std::vector<Seen> told_by(const trace::Reader& trace, const std::string& object,
                          const std::set<telemetry::PacketAction>& actions) {
  std::vector<Seen> packets;
  for (const trace::PacketRow& row : trace.packets(1, 10'000'000)) {
    if (row.object == object && actions.contains(row.action)) packets.push_back(seen(row));
  }
  std::sort(packets.begin(), packets.end());
  return packets;
}

}  // namespace elblab::worlds::test
