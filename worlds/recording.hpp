// Where a run's rows go: a trace, or nowhere; and the identities of what records.
//
// Objects and series are numbered alike in both cases, so that a run behaves the same with and
// without a trace.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "analysis/trace/writer.hpp"
#include "models/telemetry/recorder.hpp"
#include "scenarios/language/scenario.hpp"
#include "worlds/packets/packet_log.hpp"

namespace elblab::worlds {

// What stands in the trace's row about the run. world: "simulation", "live", "replay".
trace::RunMetadata metadata_of(const language::Scenario& scenario, std::uint64_t seed,
                               std::string_view world, std::string_view world_version);

class Recording {
 public:
  // An empty path records nothing. Error: what the trace writer says.
  static Expected<std::unique_ptr<Recording>> open(const std::filesystem::path& path,
                                                   const trace::RunMetadata& metadata,
                                                   PacketKeeping packets = PacketKeeping::some);

  telemetry::Recorder& recorder() { return *recorder_; }
  telemetry::ObjectId add_object(std::string_view name, trace::ObjectKind kind,
                                 std::string_view detail = {});
  telemetry::SeriesId add_series(std::string_view name, telemetry::ObjectId object,
                                 std::string_view unit, trace::SeriesKind kind);
  // Where packets are told; nullptr: nowhere.
  PacketLog* packets() { return packets_.get(); }
  PacketKeeping keeping() const { return keeping_; }
  bool is_written() const { return writer_ != nullptr; }
  bool failed() const { return writer_ != nullptr && writer_->failed(); }
  // Marks the trace complete. A recording dropped without it leaves the trace incomplete.
  Expected<void> finish(Instant end_of_run);

 private:
  Recording() = default;

  std::unique_ptr<trace::Writer> writer_;
  std::unique_ptr<PacketLog> packets_;
  PacketKeeping keeping_ = PacketKeeping::some;
  telemetry::NullRecorder nowhere_;
  telemetry::Recorder* recorder_ = &nowhere_;
  telemetry::ObjectId objects_ = 0;
  telemetry::SeriesId series_ = 0;
};

}  // namespace elblab::worlds
