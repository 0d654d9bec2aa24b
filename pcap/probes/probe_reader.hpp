// Reads the probes of health checks out of a capture (RPL-03): which packets are a probe's, and how
// each probe ended.
//
// The rules are those of health::Prober, seen from outside: a SYN, or an echo request, from where
// probes come from to a server that is checked begins a probe; it ends with what comes back, or
// with its timeout. A Port Unreachable meets the probe that it quotes. Whether a probe passed is
// decided at the place of the capture: what leaves a server within the timeout is in time, though
// it may be late where the prober is.
//
// Of a capture that was cut by the snap length an HTTP answer may be missing: such a probe is not
// judged. Probes that are under way when the capture ends are not judged either.
//
// Bounded: kMostUnderWay probes at a time; more are counted as too_many. O(log probes under way)
// per packet of a probe, O(1) for every other packet.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "models/health/check.hpp"
#include "models/health/http_answer.hpp"
#include "models/net/endpoint_map.hpp"
#include "models/net/packet_view.hpp"
#include "models/telemetry/recorder.hpp"
#include "pcap/probes/probe_sources.hpp"
#include "pcap/probes/probe_trains.hpp"

namespace elblab::probes {

struct CapturedProbe {
  std::size_t server = 0;  // by its place among the checks
  std::size_t node = 0;
  Instant started;
  Instant ended;
  telemetry::Reason reason = telemetry::Reason::none;  // none: it passed
  int status = 0;                                      // HTTP: of the answer
};

class ProbeReceiver {
 public:
  virtual ~ProbeReceiver() = default;
  // Of this pair the first one.
  virtual void probed(std::size_t node, std::size_t server, Instant at) = 0;
  virtual void probe_ended(const CapturedProbe& probe) = 0;
  // Something came back, in time or too late; see health::ProbeWatch.
  virtual void probe_answered(std::size_t server, Duration took) = 0;
};

struct ProbeCounts {
  std::uint64_t packets = 0;       // of probes
  std::uint64_t probes = 0;        // that began
  std::uint64_t judged = 0;        // of those
  std::uint64_t cut_short = 0;     // not judged: the snap length cut the answer off
  std::uint64_t without_node = 0;  // not judged: more nodes probe than the balancer has
  std::uint64_t too_many = 0;      // not judged: too many at a time
};

class ProbeReader {
 public:
  static constexpr std::size_t kMostUnderWay = 1 << 16;
  // How late an echo reply may be to be told.
  static constexpr Duration kLateEcho = std::chrono::minutes(1);

  // checks: of the balancer's servers, each with its own endpoint; those that cannot be sent
  // (Check::impossible) do not occur. nodes: addresses of the balancer's nodes. receiver must
  // outlive the reader.
  ProbeReader(ProbeSources sources, std::vector<health::Check> checks,
              const std::vector<net::IpAddress>& nodes, ProbeReceiver& receiver);

  // True: it is a probe's, or an answer to one. Times do not go back; deadlines up to `at` have
  // been advanced to. captured: bytes of the packet that the capture holds.
  bool take(const net::PacketView& packet, std::size_t captured, Instant at);
  // The next timeout of a probe; kNever: none is under way.
  Instant next_deadline() const { return deadlines_.empty() ? kNever : deadlines_.begin()->first; }
  void advance(Instant now);

  const ProbeCounts& counts() const { return counts_; }
  std::size_t under_way() const { return deadlines_.size(); }

 private:
  enum class Phase : std::uint8_t { connecting, answer, echo, silence };
  using Deadlines = std::multimap<Instant, std::size_t>;
  struct Echo {
    net::IpAddress source;
    net::IpAddress server;
    std::uint32_t number = 0;  // identifier and sequence number
    auto operator<=>(const Echo&) const = default;
  };
  struct Probe {
    bool open = false;  // under way
    Phase phase = Phase::connecting;
    std::size_t server = 0;
    std::size_t node = 0;
    net::IpAddress source;
    Instant started;
    Deadlines::iterator deadline;
    net::FlowKey flow;  // of its connection or datagram, from the prober; echo: ports are 0
    Echo echo;
    std::uint32_t first_sequence = 0;
    std::uint32_t next_from_server = 0;  // the sequence number that comes next
    health::HttpAnswer answer;
  };
  struct FlowHash {
    std::size_t operator()(const net::FlowKey& flow) const { return net::hash_of(flow, 0x9806E); }
  };
  struct SentEcho {
    std::size_t server = 0;
    Instant at;
    std::optional<std::size_t> probe;  // nullopt: it has ended
  };

  bool take_from_prober(const net::PacketView& packet, Instant at);
  bool take_from_server(const net::PacketView& packet, std::size_t captured, Instant at);
  void begin_connection(const net::PacketView& packet, std::size_t server, Instant at);
  void begin_echo(const net::PacketView& packet, std::size_t server, Instant at);
  void datagram_sent(const net::PacketView& packet, std::size_t server);
  void connection_answered(std::size_t number, const net::PacketView& packet, std::size_t captured,
                           Instant at);
  void read_answer(std::size_t number, const net::PacketView& packet, std::size_t captured,
                   Instant at);
  void echo_replied(const net::PacketView& packet, Instant at);
  void error_came(const net::PacketView& packet, const net::FlowKey& quoted, Instant at);
  // nullopt: it cannot be judged.
  std::optional<std::size_t> begin(Phase phase, std::size_t server, const net::IpAddress& source,
                                   Instant at);
  void end(std::size_t number, telemetry::Reason reason, Instant at);
  // Ends it without a result.
  void leave(std::size_t number);
  void forget_old_echoes(Instant now);
  static std::optional<std::size_t> found(const net::EndpointMap& map, const net::Endpoint& key);

  ProbeSources sources_;
  std::vector<health::Check> checks_;
  ProbeTrains trains_;
  ProbeReceiver& receiver_;
  net::EndpointMap by_endpoint_;  // of TCP and HTTP checks, and of UDP datagrams
  net::EndpointMap by_address_;   // the first check of a server that sends echo requests
  std::vector<Probe> probes_;
  std::vector<std::size_t> free_;
  std::unordered_map<net::FlowKey, std::size_t, FlowHash> by_flow_;
  std::map<Echo, SentEcho> echoes_;  // of the last kLateEcho
  std::deque<Echo> echoes_in_order_;
  // Probes whose echo was answered, by source and server, first come first.
  std::map<std::pair<net::IpAddress, std::size_t>, std::deque<std::size_t>> without_datagram_;
  Deadlines deadlines_;
  std::vector<std::vector<bool>> met_;  // [server][node]
  ProbeCounts counts_;
};

}  // namespace elblab::probes
