#include "live/live_run.hpp"

#include <sys/utsname.h>

#include "live/network/privileges.hpp"
#include "live/network/stale_namespaces.hpp"
#include "live/on_time.hpp"
#include "live/run_course.hpp"

namespace elblab::live {
namespace {

using worlds::RunFailure;

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

worlds::RunOutcome run(const language::Scenario& scenario, const RunOptions& options) {
  if (auto prepared = prepare(scenario); !prepared) return RunFailure(prepared.error());
  const std::string version = world_version(options.packet_io);
  const auto opened = worlds::Recording::open(
      options.trace, worlds::metadata_of(scenario, options.seed, "live", version), options.packets);
  if (!opened) return RunFailure(opened.error());
  worlds::Recording& recording = **opened;
  const OnTime on_time;
  World world(scenario, {options.seed, options.packet_io, options.pcap_folder}, recording);
  if (auto built = world.build(); !built) return RunFailure(built.error());
  world.add_servers();
  world.add_clients();
  world.add_series();
  return RunCourse(scenario, options, world, recording).run();
}

std::string world_version(PacketIoKind packet_io) {
  utsname system{};
  uname(&system);
  return std::string(system.sysname) + " " + system.release + ", " +
         std::string(to_string(packet_io));
}

}  // namespace elblab::live
