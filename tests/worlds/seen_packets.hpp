// TCP packets as a capture tells them (read with libpcap) and as the rows of a trace do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"

namespace elblab::worlds::test {

struct Seen {
  std::int64_t at_ns = 0;
  std::string source;
  std::string destination;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  std::uint32_t payload_bytes = 0;
  std::uint8_t tcp_flags = 0;
  std::uint16_t window = 0;
  auto operator<=>(const Seen&) const = default;  // NOLINT(*-use-nullptr)
};

Seen seen(const trace::PacketRow& row);
// at_ns: as in the rows; a TCP packet.
Seen seen(std::int64_t at_ns, const std::vector<std::uint8_t>& packet);
// Both sorted. A capture holds nothing but TCP over raw IP.
std::vector<Seen> capture_of(const std::filesystem::path& path);
std::vector<Seen> told_by(const trace::Reader& trace, const std::string& object,
                          const std::set<telemetry::PacketAction>& actions);

}  // namespace elblab::worlds::test
