// What both servers have: parameters, counters, and a port that can be closed and opened again.
#pragma once

#include <cstdint>

#include "models/host/sockets.hpp"
#include "models/workload/parameters.hpp"
#include "models/workload/socket_application.hpp"

namespace elblab::workload {

struct ServerCounters {
  std::uint64_t accepted = 0;            // connections taken from the accept queue (TCP)
  std::uint64_t requests = 0;            // read in full
  std::uint64_t responses = 0;           // handed to the socket
  std::uint64_t malformed_requests = 0;  // without the header of request_header.hpp, or bad HTTP
  std::uint64_t damaged_requests = 0;    // a body that is not the pattern
  std::uint64_t http_requests = 0;       // read in full; none of the above counts them
  std::uint64_t denied = 0;              // connections, datagrams from ServerParameters::deny
  std::uint64_t connections_lost = 0;    // ended by an error (TCP)
  // Requests of users, by what this server has of their sessions: see UserSessions.
  std::uint64_t sessions_begun = 0;
  std::uint64_t sessions_kept = 0;
  std::uint64_t sessions_lost = 0;
};

class Server : public SocketApplication {
 public:
  const ServerParameters& parameters() const { return parameters_; }
  const ServerCounters& counters() const { return counters_; }

  void start(Instant now) final;
  // Stops or starts the service (scenario actions stop_service and start_service): the port closes
  // or opens; connections that exist go on. Before start() it sets how the server starts. False:
  // the port could not be opened.
  [[nodiscard]] bool set_listening(bool wanted, Instant now);
  // Whether the port is open.
  virtual bool listening() const = 0;
  // It is to listen and does not: the host refused the port, which another may have taken.
  bool port_refused() const { return started_ && parameters_.listening && !listening(); }

 protected:
  Server(const ServerParameters& parameters, host::Sockets& sockets)
      : parameters_(parameters), sockets_(sockets) {}

  ServerCounters& counted() { return counters_; }
  host::Sockets& sockets() { return sockets_; }
  // Whether `deny` holds the source.
  bool denies(const net::IpAddress& source) const;

 private:
  // Called when the port is closed; the host may refuse.
  virtual void open_port(Instant now) = 0;
  // Called when it is open.
  virtual void close_port(Instant now) = 0;

  ServerParameters parameters_;
  host::Sockets& sockets_;
  ServerCounters counters_;
  bool started_ = false;
};

}  // namespace elblab::workload
