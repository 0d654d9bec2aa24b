// Runs one scenario in network namespaces of its own, in real time, and writes its trace.
//
// Needs the rights that check_privileges() looks for. Namespaces that killed runs left behind are
// removed first; those of this run go with it, whatever way it ends short of a kill. One run at a
// time per thread; runs of several processes do not see each other.
#pragma once

#include <string>

#include "live/packet_io/packet_io.hpp"
#include "scenarios/language/scenario.hpp"
#include "worlds/run.hpp"

namespace elblab::live {

struct RunOptions : worlds::RunOptions {
  PacketIoKind packet_io = PacketIoKind::packet_ring;
};

worlds::RunOutcome run(const language::Scenario& scenario, const RunOptions& options);

// "Linux 6.1.0-18-amd64, packet ring"
std::string world_version(PacketIoKind packet_io);

}  // namespace elblab::live
