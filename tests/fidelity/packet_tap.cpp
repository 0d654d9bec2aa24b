#include "tests/fidelity/packet_tap.hpp"

#include <poll.h>
#include <time.h>

#include <cerrno>
#include <stdexcept>

namespace elblab::fidelity {

PacketTap::PacketTap(const IsolatedHost& isolated) {
  const live::NamespaceScope scope(isolated.peer());
  must(scope.entered());
  must(ring_.open(IsolatedHost::kPeerDevice));
  must(batch_.open(IsolatedHost::kPeerDevice, isolated.host_hardware()));
}

void PacketTap::send(std::span<const std::uint8_t> packet) {
  const std::uint64_t before = batch_.sent();
  batch_.add(packet);
  batch_.send();
  if (batch_.sent() == before) throw std::runtime_error("the link does not take a packet");
}

std::optional<PacketTap::Received> PacketTap::receive(Duration limit) {
  if (auto received = read_now()) return received;
  if (limit <= Duration::zero()) return std::nullopt;
  pollfd entry{.fd = ring_.descriptor(), .events = POLLIN, .revents = 0};
  const timespec timeout{.tv_sec = limit.count() / 1'000'000'000,
                         .tv_nsec = limit.count() % 1'000'000'000};
  if (ppoll(&entry, 1, &timeout, nullptr) < 0 && errno != EINTR) {
    throw std::runtime_error(live::refused("waiting for packets").message);
  }
  return read_now();
}

std::optional<PacketTap::Received> PacketTap::read_now() {
  const auto batch = ring_.take(1);
  if (batch.empty()) return std::nullopt;
  return Received{.packet = {batch[0].begin(), batch[0].end()}, .age = ring_.age(0)};
}

}  // namespace elblab::fidelity
