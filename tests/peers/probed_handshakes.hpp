// Servers that are probed with a TCP handshake. No kernel answers for them: the test takes the SYN
// off the wire, holds it, and accepts or refuses it with a packet of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "live/network/network_namespace.hpp"
#include "live/packet_io/packet_io.hpp"
#include "tests/peers/probed_servers.hpp"

namespace elblab::peers {

class ProbedHandshakes final : public ProbedServers {
 public:
  // Reached from the namespace by a link that this makes. Throws what the system refused.
  explicit ProbedHandshakes(const live::NetworkNamespace& checker);

  std::string endpoint(std::size_t server) const override;
  std::size_t next() override;
  // L4OK: SYN and ACK; L4CON: RST; L4TOUT: nothing.
  void bring_about(std::size_t server, const std::string& result) override;

 private:
  using Packet = std::vector<std::uint8_t>;

  // False: none were waiting.
  bool take_packets();

  live::NetworkNamespace far_;
  std::unique_ptr<live::PacketIo> io_;
  std::deque<Packet> arrived_;  // SYNs
  std::map<std::size_t, Packet> held_;
};

}  // namespace elblab::peers
