// The connections of a capture, each followed through its packets.
//
// Which end is the client: who sends the SYN or the first datagram (from a port below 1024 to one
// above: the other). Of a connection that was open before the capture began: the end that is no
// server elsewhere, else the one with the higher port. A SYN with a new number on the ports of a
// connection begins another one, and so does a datagram after kDatagramSilence.
//
// Memory: about 700 bytes per connection, up to kMostConnections; what begins beyond is counted and
// not followed. Nothing grows with packets. Time: O(1) per packet on average.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "models/tables/handle_index.hpp"
#include "pcap/conversations/trace_clock.hpp"
#include "pcap/reader.hpp"
#include "pcap/streams/connection.hpp"
#include "pcap/streams/icmp_error.hpp"

namespace elblab::streams {

inline constexpr std::uint32_t kMostConnections = 1'000'000;

// What was met besides.
struct StreamReport {
  std::uint64_t records = 0;
  std::uint64_t cut_short = 0;   // ends inside its link header
  std::uint64_t not_ip = 0;      // ARP and the like
  std::uint64_t tunnelled = 0;   // in another IP packet: the innermost counts
  std::uint64_t other = 0;       // IP, neither TCP nor UDP, nor an ICMP error
  std::uint64_t fragments = 0;   // without a transport header
  std::uint64_t unreadable = 0;  // cut inside the headers, or damaged
  std::uint64_t icmp_errors = 0;
  std::uint64_t not_followed = 0;  // packets of connections beyond kMostConnections
  std::uint64_t tcp = 0;
  std::uint64_t udp = 0;
  std::uint64_t set_back = 0;  // trace_clock.hpp
  std::uint64_t gaps = 0;
  std::map<std::uint16_t, std::uint64_t> unread_links;  // link types that nobody reads
  std::map<std::uint16_t, std::uint64_t> not_ip_types;  // by EtherType; 0: not told
  std::int64_t first_ns = 0;                            // of the first record, since the epoch
  Duration length{0};                                   // to the last
};

struct Streams {
  std::vector<Connection> list;  // by begin
  StreamReport report;
};

class StreamTable {
 public:
  void add(const pcap::Record& record);
  // After the last record; the table is then used up.
  Streams finish();

 private:
  void take_packet(std::span<const std::uint8_t> packet, Duration at);
  void take_flow(const pcap::PacketHeaders& headers, Duration at);
  void take_error(const IcmpError& error, Duration at);
  std::uint32_t find(const net::FlowKey& flow, std::uint32_t hash) const;
  std::uint32_t open(const pcap::PacketHeaders& headers, std::uint32_t hash, Duration at);
  bool begins_anew(const Connection& connection, const pcap::PacketHeaders& headers,
                   Duration at) const;
  // `after` has the endpoints of `before`.
  static void succeed(Connection& before, Connection& after, Duration at);
  void decide_roles();

  pcap::TraceClock clock_;
  Streams streams_;
  std::vector<std::uint64_t> jumps_at_begin_;  // of the clock, per connection
  tables::HandleIndex index_;
};

// All that the reader still has.
Streams read_streams(pcap::Reader& reader);

}  // namespace elblab::streams
