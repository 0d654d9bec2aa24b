// What a workload does, as plain values: shared by the scenario language (which fills them), the
// simulation and the live world (which run them).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/net/address.hpp"
#include "models/time/instant.hpp"

namespace elblab::workload {

struct ConversationScript;
struct ConversationTally;

enum class Closer : std::uint8_t { client, server };
enum class CloseWith : std::uint8_t { fin, rst };
enum class Arrivals : std::uint8_t { uniform, poisson };

// Bursts: arrivals for `on`, none for `off`, and again. The rate is that while on.
struct OnOff {
  Duration on{0};
  Duration off{0};      // 0: no pauses
  Duration elapsed{0};  // time on that is over when the process begins: part of a burst, or of many

  // How long so much time on takes from the beginning of a burst.
  Duration with_pauses(Duration time_on) const {
    if (off <= Duration{0} || on <= Duration{0}) return time_on;
    return time_on + time_on / on * off;
  }
};

// A user who moves: after `first` he goes on from the second of these addresses, and every `every`
// from the next one, round and round.
struct Roaming {
  Duration every{0};  // 0: he stays
  Duration first{0};  // counted from the beginning of the workload
  std::vector<net::IpAddress> addresses;

  // Preconditions: every > 0, an address.
  const net::IpAddress& address_after(Duration time) const {
    const auto moves = time < first ? 0 : 1 + (time - first) / every;
    return addresses[static_cast<std::size_t>(moves) % addresses.size()];
  }
};

// An open-loop or closed-loop client (scenarios.md 0.2: SHORT, LONG, UDP), or a script of
// conversations. Exactly one of the kinds.
enum class Kind : std::uint8_t {
  short_connections,       // open loop: one connection per request, `rate` per second
  persistent_connections,  // `connections` kept open, requests spread over them
  datagrams,               // UDP request/reply, `rate` per second
  conversations,           // those of `script`, TCP or UDP
  quic,                    // `connections` of QUIC kept open, requests spread over them
};

// Which of a script's clients one application plays, and from where. Of all the workload's source
// addresses, `total` over all hosts, those from the first-th on are `sources`; client i of the
// script comes from the (i modulo total)-th. No sources: it plays all from its own address.
struct ScriptShare {
  std::vector<net::IpAddress> sources;
  std::uint32_t first = 0;
  std::uint32_t total = 0;
};

struct ClientParameters {
  std::string name;
  Kind kind = Kind::short_connections;
  double rate_per_second = 0;     // offered connections, requests or datagrams in total
  std::uint32_t connections = 0;  // persistent: how many; short: closed-loop concurrency if > 0
  std::uint32_t first_user = 0;   // closed loop: the number of the first user, of all of a run
  Duration think_time{0};         // closed loop: pause between response and next request
  bool has_sessions = true;       // closed loop: a server knows whom it answered last, and no other
  Roaming roaming;                // closed loop
  Arrivals arrivals = Arrivals::uniform;
  OnOff on_off;
  Instant begin = kStart;
  Instant end = kNever;
  std::uint64_t request_bytes = 200;
  std::uint64_t response_bytes = 1024;
  Closer closes = Closer::client;
  CloseWith close_with = CloseWith::fin;
  Duration hold{0};  // time between the response and the first FIN
  Duration request_timeout = std::chrono::seconds(30);  // the user gives up
  Duration slow = std::chrono::milliseconds(500);  // answers above this count as slow_responses
  unsigned retries = 0;                            // reconnects after a refused or failed attempt
  std::optional<std::uint16_t> source_port;        // hard-coded source port (FTC-05)
  net::Endpoint destination;
  // Kind quic: the addresses that its connections come from, and how long each goes on from one
  // before it moves to the next; 0: none moves.
  std::vector<net::IpAddress> addresses;
  Duration address_change{0};
  // Kind conversations; where a tally is given it adds up in it how they went.
  std::shared_ptr<const ConversationScript> script;
  ScriptShare script_share;
  std::shared_ptr<ConversationTally> tally;
};

enum class CpuTimeDistribution : std::uint8_t { fixed, exponential };

// What a request costs on the CPUs of its host, which all services of the host share.
struct CpuParameters {
  std::uint32_t cpus = 1;
  Duration time{0};  // of one CPU, the mean of the distribution; 0: no CPU is modelled
  CpuTimeDistribution distribution = CpuTimeDistribution::fixed;
};

// What a GET of one path is answered.
struct HttpPage {
  std::string path;  // "/health", without a query
  std::uint16_t status = 200;
};

// A server: answers every request of `request_bytes` with `response_bytes`.
struct ServerParameters {
  std::uint16_t port = 0;
  bool udp = false;
  int backlog = 4096;
  std::optional<double> accepts_per_second;  // nullopt: at once (row 20 needs slow accept())
  Duration service_time{0};                  // from the whole request to the first response byte
  CpuParameters cpu;                         // before that; the same for all services of a host
  bool listening = true;                     // false: the port is closed
  // TCP: what it answers to HTTP (http_pages.hpp). No pages: 200 on every path.
  std::vector<HttpPage> pages;
  std::string host_name;  // empty: it answers to every Host
  // Sources that it does not talk to, as hosts.deny of TCP wrappers (ACL-38).
  std::vector<net::Subnet> deny;
  // UDP: the connection IDs that it gives out over QUIC, 1 to 20 bytes long, and what they are made
  // of, which is to differ between servers.
  std::uint8_t connection_id_bytes = 8;
  std::uint64_t connection_id_seed = 0;
};

}  // namespace elblab::workload
