#include "made_trace.hpp"

#include <stdexcept>

#include "models/telemetry/latency_buckets.hpp"
#include "scenarios/language/scenario_file.hpp"
#include "tests/must.hpp"

namespace elblab::gui::test {
namespace {

namespace fs = std::filesystem;

struct Series {
  telemetry::ObjectId host = 0;
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
  return {host, writer.add_series("time_wait", host, "sockets", trace::SeriesKind::gauge),
          writer.add_series("local_ports", host, "ports", trace::SeriesKind::gauge),
          writer.add_series("connected", host, "connections", trace::SeriesKind::counter)};
}

void add_second(trace::Writer& writer, const Series& series, int second, double factor) {
  const Instant at = kStart + std::chrono::seconds(second);
  writer.sample(series.time_wait, at, second * factor);
  writer.sample(series.ports, at, kPorts);
  writer.sample(series.connected, at, kConnected);
}

// Those of connections.
struct Balancing {
  telemetry::ObjectId balancer = 0;
  telemetry::ObjectId server = 0;
  telemetry::ObjectId load = 0;
};

Balancing add_balancing(trace::Writer& writer) {
  return {writer.add_object("balancer", trace::ObjectKind::balancer),
          writer.add_object("app/b1", trace::ObjectKind::server),
          writer.add_object("load", trace::ObjectKind::workload)};
}

// As the client and as the balancer saw it, and how long its response took.
void add_connection(trace::Writer& writer, telemetry::ObjectId host, const Balancing& of,
                    int second) {
  telemetry::ConnectionRecord record;
  record.object = host;
  record.opened_at = kStart + std::chrono::seconds(second);
  record.established_at = record.opened_at + std::chrono::milliseconds(4);
  record.closed_at = record.opened_at + std::chrono::milliseconds(20);
  record.bytes_sent = 200;
  record.bytes_received = 1000;
  record.flow = {{net::IpAddress::v4(203, 0, 113, 1), static_cast<std::uint16_t>(32'768 + second)},
                 {net::IpAddress::v4(198, 51, 100, 10), 80},
                 net::Protocol::tcp};
  record.reason = telemetry::Reason::closed_by_local;
  writer.record(record);
  record.role = telemetry::ConnectionRole::session;
  record.object = of.balancer;
  record.peer = of.server;
  record.translated = {
      {net::IpAddress::v4(10, 0, 1, 250), static_cast<std::uint16_t>(1024 + second)},
      {net::IpAddress::v4(10, 0, 1, 1), 90},
      net::Protocol::tcp};
  record.reason = telemetry::Reason::closed_by_client;
  writer.record(record);
  const auto took = static_cast<std::uint64_t>(2'000'000 + second * 100'000);
  const auto bucket = static_cast<std::uint32_t>(telemetry::LatencyBuckets::bucket_of(took));
  writer.latency({of.load, bucket, record.opened_at, 1});
}

void add_change(trace::Writer& writer, const Series& series, int second) {
  telemetry::Event event;
  event.at = kStart + std::chrono::seconds(second);
  event.kind = telemetry::EventKind::configuration_changed;
  event.object = series.host;
  writer.record(event);
}

std::unique_ptr<trace::Writer> open(const fs::path& path, std::uint64_t seed) {
  return must(trace::Writer::open(path, metadata_of(seed)));
}

fs::path path_in(const QTemporaryDir& folder, const char* name) {
  return fs::path(folder.path().toStdString()) / name;
}

void finish(trace::Writer& writer, int seconds) {
  must(writer.finish(kStart + std::chrono::seconds(seconds)));
}

}  // namespace

fs::path write_trace(const QTemporaryDir& folder, const char* name, const MadeTrace& made) {
  const fs::path path = path_in(folder, name);
  const auto writer = open(path, made.seed);
  const Series series = add_series(*writer);
  Balancing balancing;
  if (made.connections > 0) balancing = add_balancing(*writer);
  for (int second = 1; second <= made.seconds; ++second) {
    add_second(*writer, series, second, made.factor);
    if (second <= made.connections) add_connection(*writer, series.host, balancing, second);
    if (second <= made.changes) add_change(*writer, series, second);
  }
  finish(*writer, made.seconds);
  return path;
}

GrowingTrace::GrowingTrace(const QTemporaryDir& folder, const char* name)
    : path_(path_in(folder, name)), writer_(open(path_, 1)) {
  test::add_series(*writer_);
}

GrowingTrace::~GrowingTrace() = default;

void GrowingTrace::add_seconds(int seconds) {
  const Series series{1, 1, 2, 3};
  for (int i = 0; i < seconds; ++i) add_second(*writer_, series, ++written_, 1);
}

void GrowingTrace::add_series(const char* name) {
  writer_->add_series(name, 1, "connections", trace::SeriesKind::counter);
}

void GrowingTrace::finish() { test::finish(*writer_, written_); }

}  // namespace elblab::gui::test
