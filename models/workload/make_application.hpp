// Makes the client or server that given parameters ask for.
#pragma once

#include <memory>

#include "models/random/stream.hpp"
#include "models/workload/client.hpp"
#include "models/workload/cpu_queue.hpp"
#include "models/workload/server.hpp"
#include "models/workload/user_log.hpp"

namespace elblab::workload {

// `source`: the address to connect from (unspecified: the host's first). `stream` draws the gaps
// of Poisson arrivals. `sockets` must outlive the client, and the client its sockets.
std::unique_ptr<Client> make_client(const ClientParameters& parameters, host::Sockets& sockets,
                                    net::IpAddress source, random::Stream stream);

// A Responder or, with parameters.udp, a UdpResponder; lifetimes as above. `cpus`: those of its
// host, which must outlive it; nullptr where none are modelled. `users`: likewise, nullptr where
// nobody asks; who comes by datagrams has no session.
std::unique_ptr<Server> make_server(const ServerParameters& parameters, host::Sockets& sockets,
                                    CpuQueue* cpus = nullptr, UserLog* users = nullptr);

}  // namespace elblab::workload
