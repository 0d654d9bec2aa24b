#include "models/workload/make_application.hpp"

#include "models/workload/conversations.hpp"
#include "models/workload/datagram_conversations.hpp"
#include "models/workload/datagrams.hpp"
#include "models/workload/persistent_connections.hpp"
#include "models/workload/quic_connections.hpp"
#include "models/workload/responder.hpp"
#include "models/workload/short_connections.hpp"
#include "models/workload/udp_responder.hpp"

namespace elblab::workload {

std::unique_ptr<Client> make_client(const ClientParameters& parameters, host::Sockets& sockets,
                                    net::IpAddress source, random::Stream stream) {
  switch (parameters.kind) {
    case Kind::persistent_connections:
      return std::make_unique<PersistentConnections>(parameters, sockets, source, stream);
    case Kind::datagrams:
      return std::make_unique<Datagrams>(parameters, sockets, source, stream);
    case Kind::conversations:
      if (parameters.script->udp) {
        return std::make_unique<DatagramConversations>(parameters, sockets, source);
      }
      return std::make_unique<Conversations>(parameters, sockets, source);
    case Kind::quic:
      return std::make_unique<QuicConnections>(parameters, sockets, source, stream);
    case Kind::short_connections:
      break;
  }
  return std::make_unique<ShortConnections>(parameters, sockets, source, stream);
}

std::unique_ptr<Server> make_server(const ServerParameters& parameters, host::Sockets& sockets,
                                    CpuQueue* cpus, UserLog* users) {
  if (parameters.udp) return std::make_unique<UdpResponder>(parameters, sockets, cpus);
  return std::make_unique<Responder>(parameters, sockets, cpus, users);
}

}  // namespace elblab::workload
