#include "worlds/recording.hpp"

#include <utility>

namespace elblab::worlds {

trace::RunMetadata metadata_of(const language::Scenario& scenario, std::uint64_t seed,
                               std::string_view world, std::string_view world_version) {
  trace::RunMetadata metadata;
  metadata.scenario = scenario.id;
  metadata.run = scenario.run;
  metadata.title = scenario.run_title.empty() ? scenario.title : scenario.run_title;
  metadata.world = world;
  metadata.scenario_text = scenario.source_text.str();
  metadata.effective_yaml = scenario.effective_yaml;
  metadata.seed = seed;
  metadata.program_version = ELBLAB_VERSION;
  metadata.world_version = world_version;
  metadata.duration = scenario.duration;
  metadata.sample_interval = scenario.sample_interval;
  return metadata;
}

Expected<std::unique_ptr<Recording>> Recording::open(const std::filesystem::path& path,
                                                     const trace::RunMetadata& metadata,
                                                     PacketKeeping packets) {
  std::unique_ptr<Recording> recording(new Recording);
  if (path.empty()) return recording;
  auto writer = trace::Writer::open(path, metadata);
  if (!writer) return writer.error();
  recording->writer_ = std::move(*writer);
  recording->recorder_ = recording->writer_.get();
  recording->keeping_ = packets;
  if (packets == PacketKeeping::none) return recording;
  recording->packets_ = std::make_unique<PacketLog>(packets, *recording->writer_);
  recording->recorder_ = recording->packets_.get();
  return recording;
}

telemetry::ObjectId Recording::add_object(std::string_view name, trace::ObjectKind kind,
                                          std::string_view detail) {
  return writer_ != nullptr ? writer_->add_object(name, kind, detail) : ++objects_;
}

telemetry::SeriesId Recording::add_series(std::string_view name, telemetry::ObjectId object,
                                          std::string_view unit, trace::SeriesKind kind) {
  return writer_ != nullptr ? writer_->add_series(name, object, unit, kind) : ++series_;
}

Expected<void> Recording::finish(Instant end_of_run) {
  if (writer_ == nullptr) return {};
  if (packets_ != nullptr) packets_->finish();
  return writer_->finish(end_of_run);
}

}  // namespace elblab::worlds
