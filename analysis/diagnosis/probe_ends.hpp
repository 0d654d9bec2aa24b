// Tells packets of health probes by their addresses: from a node of a balancer, or to it (HC-20). A
// node's address may be one of fullNAT's, too; then ports tell them apart, and ICMP counts as a
// probe's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/trace/reader.hpp"

namespace elblab::diagnosis {

class ProbeEnds {
 public:
  explicit ProbeEnds(const trace::Reader& trace);

  struct Packet {
    const std::string* server;  // its address: "192.168.1.2"
    bool to_server = true;
  };
  // Endpoints as rows of events have them: the number of the address × 65536 + port. nullopt: of no
  // probe.
  std::optional<Packet> packet(std::int64_t source, std::int64_t destination) const;

 private:
  struct Ports {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
  };

  bool is_probe_source(std::int64_t endpoint) const;

  std::unordered_map<std::int64_t, std::vector<Ports>> sources_;  // by number of the address
  std::unordered_map<std::int64_t, std::string> servers_;         // likewise
};

// "192.168.1.2:80" -> "192.168.1.2", "[2001:db8::1]:80" -> "2001:db8::1", and 80.
std::string address_of(const std::string& endpoint);
std::uint16_t port_of(const std::string& endpoint);

}  // namespace elblab::diagnosis
