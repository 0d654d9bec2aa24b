// What both servers have: parameters, counters, and a port that can be closed and opened again.
#pragma once

#include <cstdint>

#include "models/host/sockets.hpp"
#include "models/workload/application.hpp"
#include "models/workload/parameters.hpp"

namespace elblab::workload {

struct ServerCounters {
  std::uint64_t accepted = 0;            // connections taken from the accept queue (TCP)
  std::uint64_t requests = 0;            // read in full
  std::uint64_t responses = 0;           // handed to the socket
  std::uint64_t malformed_requests = 0;  // without the header of request_header.hpp
  std::uint64_t damaged_requests = 0;    // a body that is not the pattern
  std::uint64_t connections_lost = 0;    // ended by an error (TCP)
};

class Server : public Application {
 public:
  const ServerParameters& parameters() const { return parameters_; }
  const ServerCounters& counters() const { return counters_; }

  // Stops or starts the service (scenario actions stop_service and start_service): the port closes
  // or opens; connections that exist go on. Before start() it sets how the server starts.
  virtual void set_listening(bool listening, Instant now) = 0;
  // False also when the port was taken by another.
  virtual bool listening() const = 0;

 protected:
  Server(const ServerParameters& parameters, host::Sockets& sockets)
      : parameters_(parameters), sockets_(sockets) {}

  ServerParameters& mutable_parameters() { return parameters_; }
  ServerCounters& counted() { return counters_; }
  host::Sockets& sockets() { return sockets_; }

 private:
  ServerParameters parameters_;
  host::Sockets& sockets_;
  ServerCounters counters_;
};

}  // namespace elblab::workload
