#include "made_trace.hpp"

#include <stdexcept>

#include "scenarios/language/scenario_file.hpp"

namespace elblab::gui::test {
namespace {

namespace fs = std::filesystem;

struct Series {
  telemetry::SeriesId time_wait = 0;
  telemetry::SeriesId ports = 0;
  telemetry::SeriesId connected = 0;
};

trace::RunMetadata metadata_of(std::uint64_t seed) {
  const auto loaded =
      language::ScenarioFile::load(ELBLAB_SOURCE_DIR "/scenarios/time-wait/TW-01.elb.yaml");
  if (!loaded.file) throw std::runtime_error("TW-01 cannot be read");
  trace::RunMetadata run;
  run.scenario = "TW-01";
  run.run = "symptom";
  run.title = loaded.file->title();
  run.world = "simulation";
  run.seed = seed;
  run.effective_yaml = loaded.file->decode("symptom").scenario->effective_yaml;
  run.duration = std::chrono::seconds(kSeconds);
  run.sample_interval = std::chrono::seconds(1);
  return run;
}

Series add_series(trace::Writer& writer) {
  const auto host = writer.add_object("c1", trace::ObjectKind::host);
  return {writer.add_series("time_wait", host, "sockets", trace::SeriesKind::gauge),
          writer.add_series("local_ports", host, "ports", trace::SeriesKind::gauge),
          writer.add_series("connected", host, "connections", trace::SeriesKind::counter)};
}

void add_second(trace::Writer& writer, const Series& series, int second, double factor) {
  const Instant at = kStart + std::chrono::seconds(second);
  writer.sample(series.time_wait, at, second * factor);
  writer.sample(series.ports, at, kPorts);
  writer.sample(series.connected, at, kConnected);
}

std::unique_ptr<trace::Writer> open(const fs::path& path, std::uint64_t seed) {
  std::unique_ptr<trace::Writer> writer;
  if (const auto error = trace::Writer::open(path, metadata_of(seed), writer)) {
    throw std::runtime_error(error->message);
  }
  return writer;
}

fs::path path_in(const QTemporaryDir& folder, const char* name) {
  return fs::path(folder.path().toStdString()) / name;
}

void finish(trace::Writer& writer, int seconds) {
  if (const auto error = writer.finish(kStart + std::chrono::seconds(seconds))) {
    throw std::runtime_error(error->message);
  }
}

}  // namespace

fs::path write_trace(const QTemporaryDir& folder, const char* name, const MadeTrace& made) {
  const fs::path path = path_in(folder, name);
  const auto writer = open(path, made.seed);
  const Series series = add_series(*writer);
  for (int second = 1; second <= made.seconds; ++second) {
    add_second(*writer, series, second, made.factor);
  }
  finish(*writer, made.seconds);
  return path;
}

GrowingTrace::GrowingTrace(const QTemporaryDir& folder, const char* name)
    : path_(path_in(folder, name)), writer_(open(path_, 1)) {
  add_series(*writer_);
}

GrowingTrace::~GrowingTrace() = default;

void GrowingTrace::add_seconds(int seconds) {
  const Series series{1, 2, 3};
  for (int i = 0; i < seconds; ++i) add_second(*writer_, series, ++written_, 1);
}

void GrowingTrace::finish() { test::finish(*writer_, written_); }

}  // namespace elblab::gui::test
