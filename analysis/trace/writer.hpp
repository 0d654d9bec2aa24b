// Writes a run into a SQLite trace while it goes.
//
// A Recorder whose rows are copied into chunks and handed to a writer thread over a bounded queue;
// the thread inserts them, aggregates series into multi-resolution tables and commits every 100 k
// rows or every second (record() costs 15 to 30 ns while the queue has room, and waits when it is
// full), so that a killed run leaves a readable trace up to the last commit that
// says it is incomplete. A full disk or an unwritable path is reported by failed(), and by
// finish(); record() never throws and never loses a row silently.
//
// Schema: docs/trace-schema.md. Determinism: for equal calls the file's contents are equal apart
// from the columns named wall_*. Not copyable; destruction without finish() leaves the trace
// marked incomplete.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "models/contract/expected.hpp"
#include "models/telemetry/recorder.hpp"

namespace elblab::trace {

struct RunMetadata {
  std::string scenario;  // id
  std::string run;       // "symptom"
  std::string title;
  std::string world;          // "simulation", "replay", "live"
  std::string scenario_text;  // the file as read
  std::string effective_yaml;
  std::uint64_t seed = 0;
  std::string program_version;
  // "ns-3.37, MapScheduler". As program_version in a wall_ column: not part of determinism.
  std::string world_version;
  Duration duration{};
  Duration sample_interval{};
};

enum class ObjectKind : std::uint8_t {
  host,
  node,
  balancer,
  server,
  link,
  workload,
  listener,
  network,
  middlebox,
  group,
  health_check,
};
enum class SeriesKind : std::uint8_t {
  gauge,    // samples of a level
  counter,  // increments since the last sample
};

class Writer final : public telemetry::Recorder {
 public:
  // Creates the file (replacing a finished or incomplete trace of ours, refusing any other file)
  // and starts the thread. Error: unwritable path, foreign file, a trace that a run is writing now.
  static Expected<std::unique_ptr<Writer>> open(const std::filesystem::path& path,
                                                const RunMetadata& metadata);
  ~Writer() override;

  // Register before use; ids count from 1 in order of registration. A sample for an id that was not
  // registered is a failure. After finish() nothing is taken any more: 0.
  telemetry::ObjectId add_object(std::string_view name, ObjectKind kind,
                                 std::string_view detail = {});
  telemetry::SeriesId add_series(std::string_view name, telemetry::ObjectId object,
                                 std::string_view unit, SeriesKind kind);

  void record(const telemetry::Event& event) override;
  void record(const telemetry::ConnectionRecord& connection) override;
  void sample(telemetry::SeriesId series, Instant at, double value) override;
  void latency(const telemetry::LatencyCount& latency) override;
  void packet(const telemetry::PacketRecord& packet) override;
  void packet_connection(const telemetry::PacketConnection& connection) override;
  void operation(const telemetry::OperationRecord& operation) override;
  // Of the connection whose packet_connection() comes next.
  void decision(const telemetry::DecisionRecord& decision) override;
  void probe(const telemetry::ProbeRecord& probe) override;
  void health(const telemetry::HealthRecord& change) override;

  // True once writing has failed; the run should stop and say why. Rows recorded after that go
  // nowhere; what was committed before stays readable.
  bool failed() const;
  // Writes what is left, builds indices, marks the trace complete and folds it into one file. The
  // first failure of the run, if there was one; again the same when called again.
  Expected<void> finish(Instant end_of_run);

 private:
  class Impl;
  explicit Writer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace elblab::trace
