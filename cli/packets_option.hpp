// --packets none|some|all: whose packets a trace keeps, alike for run, live and replay.
#pragma once

#include "worlds/packets/packet_keeping.hpp"

namespace CLI {
class App;
}

namespace elblab::cli {

// `keeping` must outlive the command.
void add_packets_option(CLI::App& command, worlds::PacketKeeping& keeping);

}  // namespace elblab::cli
