// Replays a capture through the forwarding engine, in trace time, offline: the third world beside
// simulation and live.
//
// Packets that went into a balancer go into the engine, at their times; what it sends goes into a
// file and what it decides into a trace (world "replay"). Nothing is dropped silently: every record
// of the capture is in one count of the report, every packet given to the engine in one of its.
// Memory does not grow with the capture. Determinism: equal capture, balancer and options give
// equal output and an equal trace.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "models/forwarding/counters.hpp"
#include "pcap/reader.hpp"
#include "pcap/replay/captured_health.hpp"
#include "pcap/replay/input_sorter.hpp"
#include "pcap/replay/packet_batch.hpp"
#include "pcap/replay/roles.hpp"
#include "scenarios/language/scenario.hpp"
#include "worlds/packets/packet_keeping.hpp"

namespace elblab::replay {

struct ReplayProgress {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  // captured bytes of those records
  Duration trace_time{};    // since the first record
};

struct ReplayOptions {
  std::filesystem::path capture;
  std::vector<config::LoadBalancer> balancers;  // valid, at least one
  // The scenario that they stand in, whose network ACLs, security groups and firewalls hold for the
  // hosts that its addresses name; nullopt: nothing is filtered but by access lists.
  std::optional<language::Scenario> surroundings;
  std::string balancer_id;    // what stands in the trace as the scenario
  std::string balancer_text;  // the file as read
  RoleRequest roles;
  std::uint64_t seed = 1;
  unsigned loops = 1;
  // The run ends there, in model time, without what happens at that very instant; nullopt: with
  // the last record and `drain` more, in which timers may end what is idle.
  std::optional<Instant> until;
  Duration drain{0};
  std::filesystem::path trace;                                  // empty: record nothing
  worlds::PacketKeeping packets = worlds::PacketKeeping::some;  // in the trace
  std::filesystem::path write;                                  // empty: write nothing
  Duration sample_interval = std::chrono::seconds(1);
  std::vector<network::Route> routes;  // empty: every destination can be reached
  network::ReturnPath return_path = network::ReturnPath::newest;
  // Called every few thousand records; return false to stop (the trace then stays incomplete).
  std::function<bool(const ReplayProgress&)> on_progress;
};

// Frames that were not looked into further.
struct FrameCounts {
  std::uint64_t ip = 0;
  std::uint64_t not_ip = 0;
  std::uint64_t cut_short = 0;
  std::uint64_t unknown_link_type = 0;
};

struct ServerShare {
  std::string name;  // "app/b1"
  net::Endpoint endpoint;
  std::uint64_t scheduled = 0;  // by this engine
  std::uint64_t captured = 0;   // by the captured balancer, of the decisions that could be told
};

// Whose matter it is that there is no report, and one message for the user.
struct ReplayError : Error {
  enum class Cause : std::uint8_t { bad_input, could_not_run };
  Cause cause;
};

struct ReplayReport {
  bool stopped = false;  // on_progress said so

  std::string format;  // of the capture
  Roles roles;
  pcap::ReadReport read;      // of the last pass
  std::uint64_t records = 0;  // of all passes, up to the end of the run
  std::uint64_t passes = 0;
  FrameCounts frames;
  PacketBatch::Repairs repairs;
  InputCounts inputs;
  HealthReport health;
  std::uint64_t time_jumps = 0;
  Instant first;  // model time of the first record
  Instant end;    // of the run

  forwarding::ForwarderCounters engine;
  forwarding::SessionGauges open_at_end;
  std::uint64_t packets_sent = 0;
  std::uint64_t bytes_sent = 0;
  std::vector<ServerShare> servers;
  std::uint64_t decisions_seen = 0;
  std::uint64_t decisions_shared = 0;
  bool sampling_ended_early = false;
  std::string conservation_problem;  // empty: every packet is accounted for
};

Expected<ReplayReport, ReplayError> replay(const ReplayOptions& options);

}  // namespace elblab::replay
