// What was asked of one endpoint of a capture, and how it went: the books of a capture's diagnosis.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "pcap/findings/hops.hpp"
#include "pcap/streams/stream_table.hpp"

namespace elblab::findings {

using streams::Connection;
using streams::Ending;
using streams::Handshake;
using streams::kNotSeen;
using streams::Side;

inline constexpr std::size_t kHandshakes = static_cast<std::size_t>(Handshake::stray) + 1;

// A connection with what became of it.
struct Judged {
  std::uint32_t index = 0;
  Handshake handshake = Handshake::stray;
  Ending ending = Ending::open;
  // False: it is another one, passed on by a balancer. What went wrong counts where users met it.
  bool first_hop = true;
  // TCP: it came to nothing, or broke off. UDP: a question of it stayed unanswered. Of one that a
  // balancer passed on and that failed behind it, only the part behind.
  bool failed = false;
};

struct Service {
  net::Endpoint endpoint;
  net::Protocol protocol = net::Protocol::tcp;
  std::vector<Judged> connections;  // by begin
  // One side of them is not in the capture: nothing is concluded from its silence.
  bool server_unseen = false;
  bool client_unseen = false;
  // Nobody is ever answered, and nobody is seen to wait: syslog and the like.
  bool one_way = false;
  // Behind a balancer that is in the capture too.
  bool is_behind = false;
  std::uint64_t questions = 0;
  std::uint64_t answers = 0;
  std::uint64_t asked_again = 0;
  std::uint64_t unanswered = 0;  // UDP: questions
  std::uint64_t segments = 0;
  std::uint64_t retransmissions = 0;
  Duration first_from_server = kNotSeen;
  Duration last_from_server = kNotSeen;

  std::uint64_t count(Handshake handshake) const;
  // Open at some time: whole, half seen or under way.
  std::uint64_t established() const;
  // Of which the capture shows enough to say how they went.
  std::uint64_t judged() const;
  std::vector<const Judged*> failed(Handshake handshake) const;
  std::vector<const Judged*> failed(Ending ending) const;
};

struct Books {
  const streams::Streams* streams = nullptr;
  Hops hops;
  std::vector<Service> services;         // those asked most first, then by endpoint
  std::vector<net::IpAddress> scanners;  // clients that tried ports that nobody serves
  std::uint64_t scanned = 0;             // connections of theirs, left out of everything
  // UDP health checks: the same datagram in a rhythm, from an address that is never answered by a
  // service which answers others; to them silence is health (HC-42).
  std::uint64_t silent_probes = 0;

  const Connection& at(const Judged& judged) const { return streams->list[judged.index]; }
  Duration end() const { return streams->report.length; }
};

// The streams must outlive the books.
Books keep_books(const streams::Streams& streams);

}  // namespace elblab::findings
