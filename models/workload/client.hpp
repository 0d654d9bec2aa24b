// What every client workload has: its parameters and its counters.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include "models/host/sockets.hpp"
#include "models/workload/latency_histogram.hpp"
#include "models/workload/parameters.hpp"
#include "models/workload/request_header.hpp"
#include "models/workload/socket_application.hpp"

namespace elblab::workload {

inline constexpr std::size_t kSocketErrors =
    static_cast<std::size_t>(host::SocketError::not_connected) + 1;

// How long a client waits before it connects again after an attempt that failed, where nothing
// else sets its pace (closed loops, persistent connections): without a pause a refusal on the spot
// would be repeated for ever within one instant.
inline constexpr Duration kFailurePause = std::chrono::seconds(1);

// Response times of an interval: their mean is the measure `response_time`.
struct ResponseTimes {
  Duration sum{0};
  std::uint64_t count = 0;
};

// Totals since the start. requests = responses + failures() + what is still under way.
struct ClientCounters {
  std::uint64_t requests = 0;   // wanted
  std::uint64_t responses = 0;  // answered in full and unharmed
  // Requests that ended otherwise, retries used up, by the last error. Under `none`: the peer
  // closed in order before the answer was whole, or the answer was damaged.
  std::array<std::uint64_t, kSocketErrors> request_failures{};
  std::uint64_t refused_locally = 0;    // connects refused by the own host, no packet sent
  std::uint64_t slow_responses = 0;     // above ClientParameters::slow; counted in responses too
  std::uint64_t damaged_responses = 0;  // bytes that are not what the server was asked for
  std::uint64_t retries = 0;            // further attempts made
  std::uint64_t connections_lost = 0;   // persistent: ended while idle, not by this side
  std::uint64_t connect_failures = 0;   // persistent: attempts that never became a connection
  LatencyHistogram latency;
  ResponseTimes interval;  // since take_interval()

  std::uint64_t failures() const;
  // Those since the last call.
  ResponseTimes take_interval();
};

class Client : public SocketApplication {
 public:
  const ClientParameters& parameters() const { return parameters_; }
  const ClientCounters& counters() const { return *counters_; }
  // Those since the last call.
  ResponseTimes take_response_times() { return counters_->take_interval(); }
  // Before start(): from now on it counts there, where others may count too. Whoever wants the
  // totals of thousands of clients need not ask each.
  void count_in(std::shared_ptr<ClientCounters> counters) { counters_ = std::move(counters); }
  // Requests wanted and not yet ended, of all that count where it does.
  std::uint64_t under_way() const;

 protected:
  // Sizes are brought into range here: request_bytes up to kRequestHeaderBytes at least.
  Client(const ClientParameters& parameters, host::Sockets& sockets, net::IpAddress source);

  void count_response(Instant wanted_at, Instant now);
  void count_failure(host::SocketError error);
  void count_damage();
  ClientCounters& counted() { return *counters_; }

  host::Sockets& sockets() { return sockets_; }
  // Where this client connects from: its address, and the hard-coded port if there is one.
  net::Endpoint local() const { return {source_, parameters_.source_port.value_or(0)}; }
  RequestHeader next_header(std::uint16_t flags);

 private:
  ClientParameters parameters_;
  host::Sockets& sockets_;
  net::IpAddress source_;
  std::shared_ptr<ClientCounters> counters_;
  std::uint32_t next_number_ = 0;
};

}  // namespace elblab::workload
