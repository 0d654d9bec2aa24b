// elblab replay --stateful: plays the conversations of a capture against a balancer, with fresh
// ports and sequence numbers, and says what became of them.
//
// The capture gives requests, responses, pauses and closes (pcap/conversations); host models play
// them through the balancer, whose servers answer. docs/stateful-replay.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/exit_code.hpp"
#include "worlds/packets/packet_keeping.hpp"

namespace elblab::cli {

struct StatefulReplay {
  std::filesystem::path capture;
  // A balancer file, or a scenario file: then its hosts (links, kernel settings) are taken too.
  std::filesystem::path balancer;
  // "203.0.113.10:80=web": conversations with this server go to this listener. Given any, only
  // those mapped are played.
  std::vector<std::string> map;
  std::string world = "simulation";                             // or "live"
  std::filesystem::path trace;                                  // empty: none is kept
  worlds::PacketKeeping packets = worlds::PacketKeeping::some;  // in it
  std::uint64_t seed = 1;
  // Changes of a scenario file given as balancer: "hosts.c1.time_wait=10s".
  std::vector<std::string> settings;
};

// Writes the report to stdout and complaints to stderr.
ExitCode replay_stateful(const StatefulReplay& replay);

}  // namespace elblab::cli
