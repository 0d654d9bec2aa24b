#include "tests/peers/probed_handshakes.hpp"

#include <poll.h>

#include <array>
#include <stdexcept>

#include "live/network/veth_link.hpp"
#include "models/net/packet_builder.hpp"
#include "models/net/packet_view.hpp"
#include "tests/must.hpp"

namespace elblab::peers {
namespace {

constexpr int kLimitMs = 10'000;
constexpr std::uint16_t kFirstPort = 3000;
constexpr std::string_view kFarDevice = "to-checker";
const net::IpAddress kChecker = net::IpAddress::v4(10, 0, 0, 1);

// SYN alone: the ACK of a handshake, and how the checker ends it, is of no interest.
bool is_syn(std::span<std::uint8_t> packet) {
  net::PacketView view;
  return net::PacketView::parse(packet, view) == net::ParseError::none &&
         view.protocol() == net::Protocol::tcp && view.tcp_flags() == net::tcp_flag::syn;
}

}  // namespace

ProbedHandshakes::ProbedHandshakes(const live::NetworkNamespace& checker) {
  far_ = must(live::NetworkNamespace::make_unnamed());
  const live::VethLinkPlan plan{.host_device = "eth0",
                                .balancer_device = std::string(kFarDevice),
                                .addresses = {{kChecker, 0}},
                                .mtu = 1500};
  const live::HardwareAddress hardware = must(live::make_veth_link(checker, far_, plan));
  const live::NamespaceScope scope(far_);
  must(scope.entered());
  io_ = must(live::open_packet_io(live::PacketIoKind::packet_ring, plan.balancer_device, hardware));
}

std::string ProbedHandshakes::endpoint(std::size_t server) const {
  return "203.0.113.9:" + std::to_string(kFirstPort + server);
}

bool ProbedHandshakes::take_packets() {
  const auto batch = io_->receive(64);
  for (const auto& packet : batch) {
    if (is_syn(packet)) arrived_.emplace_back(packet.begin(), packet.end());
  }
  return !batch.empty();
}

std::size_t ProbedHandshakes::next() {
  while (arrived_.empty()) {
    if (take_packets()) continue;
    pollfd waiting{io_->descriptor(), POLLIN, 0};
    if (poll(&waiting, 1, kLimitMs) != 1) throw std::runtime_error("no probe came");
  }
  Packet packet = std::move(arrived_.front());
  arrived_.pop_front();
  net::PacketView view;
  net::PacketView::parse(packet, view);
  const std::size_t server = view.destination_port() - kFirstPort;
  held_[server] = std::move(packet);
  return server;
}

void ProbedHandshakes::bring_about(std::size_t server, const std::string& result) {
  if (result == "L4TOUT") return;
  net::PacketView syn;
  net::PacketView::parse(held_.at(server), syn);
  const std::uint8_t kind = result == "L4OK" ? net::tcp_flag::syn : net::tcp_flag::rst;
  std::array<std::uint8_t, 128> packet;
  const std::size_t size =
      net::build_tcp(packet, {.source = syn.destination(), .destination = syn.source()},
                     {.source_port = syn.destination_port(),
                      .destination_port = syn.source_port(),
                      .sequence = 0,
                      .acknowledgment = syn.sequence() + 1,
                      .flags = static_cast<std::uint8_t>(kind | net::tcp_flag::ack),
                      .window = 65'535,
                      .options = {}},
                     {});
  io_->send({packet.data(), size});
  io_->flush();
}

}  // namespace elblab::peers
