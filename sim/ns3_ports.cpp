#include "sim/ns3_ports.hpp"

#include <ns3/inet-socket-address.h>
#include <ns3/object-vector.h>
#include <ns3/socket.h>
#include <ns3/tcp-l4-protocol.h>

namespace elblab::sim {

std::optional<std::uint16_t> Ns3Ports::take(Instant now) {
  if (const auto port = next_free()) return port;
  if (now < next_recount_) return std::nullopt;
  next_recount_ = now + kRecount;
  recount();
  return next_free();
}

std::optional<std::uint16_t> Ns3Ports::next_free() {
  if (used_.all()) return std::nullopt;
  do {
    last_ = (last_ + 1) % kCount;
  } while (used_[last_]);
  used_.set(last_);
  return static_cast<std::uint16_t>(kFirst + last_);
}

void Ns3Ports::recount() {
  used_.reset();
  ns3::ObjectVectorValue sockets;
  node_->GetObject<ns3::TcpL4Protocol>()->GetAttribute("SocketList", sockets);
  for (auto each = sockets.Begin(); each != sockets.End(); ++each) {
    ns3::Address address;
    const auto socket = ns3::DynamicCast<ns3::Socket>(each->second);
    if (!socket || socket->GetSockName(address) != 0) continue;
    const std::uint32_t port = ns3::InetSocketAddress::ConvertFrom(address).GetPort();
    if (port >= kFirst) used_.set(port - kFirst);
  }
}

}  // namespace elblab::sim
