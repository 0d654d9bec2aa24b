#include "live/live_run.hpp"

#include <sys/utsname.h>

#include "live/network/privileges.hpp"
#include "live/network/stale_namespaces.hpp"
#include "live/on_time.hpp"
#include "live/run_course.hpp"

namespace elblab::live {
namespace {

using worlds::RunResult;

void note_error(RunResult& result, const Expected<void>& answer) {
  if (!answer && result.error.empty()) result.error = answer.error().message;
}

// What must be so before anything is made.
Expected<void> prepare(const language::Scenario& scenario) {
  if (scenario.duration <= Duration{0} || scenario.sample_interval <= Duration{0}) {
    return Error{"a run needs a duration and a sample interval above zero"};
  }
  if (auto allowed = check_privileges(); !allowed) return allowed;
  remove_stale_namespaces();
  return {};
}

}  // namespace

RunResult run(const language::Scenario& scenario, const RunOptions& options) {
  RunResult result;
  note_error(result, prepare(scenario));
  if (!result.error.empty()) return result;
  const std::string version = world_version(options.packet_io);
  const auto opened = worlds::Recording::open(
      options.trace, worlds::metadata_of(scenario, options.seed, "live", version), options.packets);
  if (!opened) {
    result.error = opened.error().message;
    return result;
  }
  worlds::Recording& recording = **opened;
  const OnTime on_time;
  World world(scenario, {options.seed, options.packet_io, options.pcap_folder}, recording);
  note_error(result, world.build());
  if (!result.error.empty()) return result;
  world.add_servers();
  world.add_clients();
  world.add_series();
  RunCourse course(scenario, options, world, recording);
  if (course.run(result)) note_error(result, recording.finish(course.ended_at()));
  return result;
}

std::string world_version(PacketIoKind packet_io) {
  utsname system{};
  uname(&system);
  return std::string(system.sysname) + " " + system.release + ", " +
         std::string(to_string(packet_io));
}

}  // namespace elblab::live
