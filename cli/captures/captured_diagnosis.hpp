// Says what happened in a capture: from its packets, and, where its balancer is given, what the
// engine makes of it on top.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "analysis/diagnosis/diagnosis.hpp"
#include "models/contract/expected.hpp"
#include "pcap/findings/endpoint_names.hpp"

namespace elblab::cli {

struct CapturedDiagnosis {
  diagnosis::Diagnosis diagnosis;
  std::string format;              // "pcap, microseconds, little endian, Ethernet"
  std::vector<std::string> notes;  // roles, and what the capture lacks
  std::string connections;         // as CSV (pcap/findings/connection_list.hpp)
  Duration length{0};
  std::uint64_t records = 0;
};

// Error: as pcap::Reader::open().
Expected<CapturedDiagnosis> diagnose_captured(const std::filesystem::path& capture,
                                              const findings::EndpointNames& names,
                                              bool with_connections = false);

// Of two captures of the same traffic: what happened between the places where they were taken.
// Error: as pcap::Reader::open().
Expected<CapturedDiagnosis> diagnose_two_sides(const std::filesystem::path& first,
                                               const std::filesystem::path& second,
                                               const findings::EndpointNames& names);

// Adds what only the engine knows (its ports, its table, its bandwidth, its rules, how it shares
// out), from the trace of the replay. What packets say themselves is left to the packets.
void add_engine_part(const trace::Reader& replayed, diagnosis::Diagnosis& captured);

}  // namespace elblab::cli
