// Kept packets out of the tables, and which of them belong to a connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/trace/database.hpp"
#include "analysis/trace/rows.hpp"

namespace elblab::trace {

// Reader::packets, Reader::packet_connections, Reader::packets_of. False when the tables cannot be
// read to the end; what was read until then stands in the result.
bool read_packets(const Database& database, std::uint64_t first_id, std::size_t most,
                  std::vector<PacketRow>& rows);
bool read_packet_connections(const Database& database, std::uint64_t first_id, std::size_t most,
                             std::vector<PacketConnectionRow>& rows);
bool read_packets_of(const Database& database, std::uint64_t connection,
                     std::vector<PacketRow>& rows);

}  // namespace elblab::trace
