// The other end of one TCP connection of the host: counts along, and sends what it is told. With
// `auto` it also acknowledges data by itself, as a receiver with SACK does.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "models/net/flow_key.hpp"
#include "models/net/packet_view.hpp"
#include "models/net/tcp_options.hpp"
#include "tests/exchanges/exchange.hpp"

namespace elblab::exchanges {

// A segment to put on the link, and how it reads in the transcript.
struct PeerSegment {
  std::vector<std::uint8_t> packet;
  std::string text;
};

class ExchangePeer {
 public:
  // `definition`: the step "peer P …".
  ExchangePeer(const Step& definition, const net::IpAddress& host, const net::IpAddress& peer);

  const std::string& name() const { return name_; }
  const net::Endpoint& local() const { return local_; }
  std::uint16_t host_port() const { return host_port_; }
  // A segment of the host is for this peer; not before it has seen the host's SYN, where another
  // one with its ports has.
  bool owns(const net::PacketView& segment);
  bool knows_host() const { return host_known_; }
  // A segment of the host. True: an automatic acknowledgment is due `delay_ms` later.
  bool receive(const net::PacketView& segment);
  // The segment of a step "seg P …" at this time of the script.
  PeerSegment segment(const Step& step, std::uint32_t script_ms);
  // The acknowledgment that receive() asked for.
  PeerSegment automatic_ack(std::uint32_t script_ms);
  std::int64_t delay_ms() const { return delay_ms_; }
  std::uint32_t host_initial_sequence() const { return host_initial_; }
  std::uint32_t initial_sequence() const { return initial_; }
  // Of the last segment of the host, for an ICMP error to quote.
  const std::vector<std::uint8_t>& last_packet() const { return last_packet_; }
  // The text of a packet of the host.
  std::string text_of(const std::vector<std::uint8_t>& packet) const;

 private:
  void store(std::uint32_t begin, std::uint32_t end);
  net::TcpOptions options_of(const Step& step, std::uint8_t flags, std::uint32_t script_ms);
  PeerSegment build(std::uint8_t flags, std::uint32_t sequence, std::uint32_t acknowledgment,
                    std::uint16_t window, const net::TcpOptions& options, bool md5,
                    std::size_t payload) const;
  void add_sack(net::TcpOptions& options) const;

  std::string name_;
  net::IpAddress host_;
  net::Endpoint local_;
  std::uint16_t host_port_;
  std::uint32_t initial_;
  std::uint32_t next_;
  std::uint32_t host_initial_ = 0;
  std::uint32_t expected_ = 0;
  bool host_known_ = false;
  std::uint32_t host_timestamp_ = 0;
  std::uint16_t window_;
  bool timestamps_ = false;
  bool host_timestamps_ = false;
  bool sack_ = false;
  std::vector<net::SackBlock> beyond_;  // received beyond a hole, the latest first
  std::vector<std::uint8_t> last_packet_;
  // Automatic acknowledgments
  std::int64_t every_ = 0;  // 0: none
  std::int64_t delay_ms_ = 0;
  std::set<std::int64_t> drops_;  // which of the host's data segments get lost, from 1
  std::int64_t data_segments_ = 0;
  std::int64_t unacknowledged_ = 0;
};

}  // namespace elblab::exchanges
