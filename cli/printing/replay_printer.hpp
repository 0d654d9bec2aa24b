// Says in the terminal what a replay did: whose addresses were whose, what went in, what the engine
// made of it, how servers were used, and that every packet is accounted for.
#pragma once

#include <string>

#include "cli/text/terminal.hpp"
#include "pcap/replay/replay.hpp"

namespace elblab::cli {

struct ReplayNames {
  std::string capture;
  std::string balancer;  // the file
  std::string profile;
  std::uint64_t seed = 1;
  double wall_seconds = 0;
  std::string trace;  // empty: none
  std::string write;  // empty: none
  bool checks_health = false;  // the file has health checks
  bool probe_sources = false;  // it was said where their probes come from
};

std::string replay_text(const replay::ReplayReport& report, const ReplayNames& names,
                        const Terminal& terminal);

}  // namespace elblab::cli
