// How long the diagnosis of a long run takes.
//
//   elblab_bench_diagnosis [--benchmark_filter=...]     writes about 1 GB under $TMPDIR
//
// Two traces with ten million connection rows and an hour of samples of 40 hosts each, in which
// requests fail from the middle on: a run with workloads, where counters and counts stand in for
// rows, and a replay, where sessions have to be read (up to 200,000 of them). Each figure is the
// wall time of diagnose() on the opened trace; the first call meets whatever the page cache holds.
#include "analysis/diagnosis/diagnosis.hpp"

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "analysis/trace/writer.hpp"
#include "models/telemetry/measures.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own
namespace fs = std::filesystem;
using telemetry::MeasureScope;

constexpr std::uint32_t kConnections = 10'000'000;
constexpr int kSeconds = 3'600;
constexpr int kClients = 20;
constexpr int kServers = 20;

net::FlowKey flow_of(std::uint32_t i) {
  return {{net::IpAddress::v4(0x0A00'0000U + i % kClients),
           static_cast<std::uint16_t>(32'768 + i / kClients % 28'232)},
          {net::IpAddress::v4(198, 51, 100, 10), 80},
          net::Protocol::tcp};
}

// Every measure of an object, sampled once a second.
class Sampled {
 public:
  Sampled(trace::Writer& writer, const std::string& name, MeasureScope scope,
          trace::ObjectKind kind)
      : writer_(writer), object_(writer.add_object(name, kind)) {
    for (const auto& measure : telemetry::measures()) {
      if (measure.scope != scope) continue;
      const bool counter = measure.kind == telemetry::MeasureKind::counter;
      series_.emplace_back(measure.name, writer.add_series(measure.name, object_, measure.unit,
                                                           counter ? trace::SeriesKind::counter
                                                                   : trace::SeriesKind::gauge));
    }
  }

  telemetry::ObjectId object() const { return object_; }
  void sample(int second, const std::map<std::string, double>& values) {
    for (const auto& [name, id] : series_) {
      const auto known = values.find(name);
      writer_.sample(id, Instant(std::chrono::seconds(second)),
                     known == values.end() ? 0 : known->second);
    }
  }

 private:
  trace::Writer& writer_;
  telemetry::ObjectId object_;
  std::vector<std::pair<std::string, telemetry::SeriesId>> series_;
};

trace::RunMetadata metadata(bool replay) {
  trace::RunMetadata run;
  run.scenario = "bench";
  run.world = replay ? "replay" : "simulation";
  run.duration = std::chrono::seconds(kSeconds);
  run.sample_interval = std::chrono::seconds(1);
  return run;
}

bool failing(int second) { return second > kSeconds / 2; }

void write_samples(std::vector<Sampled>& objects) {
  for (int second = 1; second <= kSeconds; ++second) {
    const double failed = failing(second) ? 50 : 0;
    for (Sampled& object : objects) {
      object.sample(second, {{"refused_locally", failed},
                             {"time_wait", failing(second) ? 28'232 : 10'000},
                             {"local_ports", 28'232},
                             {"requests", 2'778},
                             {"responses", 2'778 - failed * kClients},
                             {"request_failures", failed * kClients},
                             {"m4_ncps", 2'778},
                             {"scheduled", 2'778.0 / kServers},
                             {"weight", 1}});
    }
  }
}

void write_connections(trace::Writer& writer, bool replay, telemetry::ObjectId object,
                       telemetry::ObjectId server) {
  for (std::uint32_t i = 0; i < kConnections; ++i) {
    telemetry::ConnectionRecord record;
    const auto at = Instant(Duration(std::int64_t{i} * 360'000));
    const bool fails = failing(static_cast<int>(to_seconds(at))) && i % 3 == 0;
    record.object = object;
    record.peer = replay ? server : 0;
    record.role = replay ? telemetry::ConnectionRole::session : telemetry::ConnectionRole::client;
    record.reason =
        fails ? (replay ? telemetry::Reason::timed_out : telemetry::Reason::address_not_available)
              : telemetry::Reason::closed_by_client;
    record.flow = flow_of(i);
    record.opened_at = at;
    if (!fails) record.established_at = at + Duration(4'400'000);
    record.closed_at = at + (fails ? Duration(std::chrono::seconds(2)) : Duration(13'000'000));
    writer.record(record);
  }
}

fs::path path_of(bool replay) {
  return fs::temp_directory_path() /
         ("elblab-bench-diagnosis-" + std::to_string(::getpid()) + (replay ? ".replay.db" : ".db"));
}

// Written once per program.
const fs::path& made_trace(bool replay) {
  static std::map<bool, fs::path> paths;
  if (paths.contains(replay)) return paths[replay];
  const fs::path path = path_of(replay);
  const auto opened = trace::Writer::open(path, metadata(replay));
  if (!opened) return paths[replay];
  const auto& writer = *opened;
  std::vector<Sampled> objects;
  objects.emplace_back(*writer, "balancer", MeasureScope::balancer, trace::ObjectKind::balancer);
  for (int i = 1; i <= kServers; ++i) {
    objects.emplace_back(*writer, "app/b" + std::to_string(i), MeasureScope::server,
                         trace::ObjectKind::server);
  }
  const telemetry::ObjectId server = objects.back().object();
  if (!replay) {
    for (int i = 1; i <= kClients + kServers; ++i) {
      const bool client = i <= kClients;
      objects.emplace_back(*writer,
                           (client ? "c" : "b") + std::to_string(client ? i : i - kClients),
                           MeasureScope::host, trace::ObjectKind::host);
    }
    objects.emplace_back(*writer, "load", MeasureScope::workload, trace::ObjectKind::workload);
  }
  write_connections(*writer, replay, objects.front().object(), server);
  write_samples(objects);
  if (!writer->finish(Instant(std::chrono::seconds(kSeconds)))) return paths[replay];
  return paths[replay] = path;
}

void diagnose(benchmark::State& state, bool replay) {
  const fs::path& path = made_trace(replay);
  for (auto _ : state) {
    const auto reader = trace::Reader::open(path);
    if (!reader) {
      state.SkipWithError(reader.error().message.c_str());
      break;
    }
    const auto diagnosis = diagnosis::diagnose(**reader);
    if (diagnosis.symptoms.empty()) state.SkipWithError("no symptom was found");
    benchmark::DoNotOptimize(diagnosis.found.size());
  }
}

}  // namespace

BENCHMARK_CAPTURE(diagnose, run_of_10M_connections, false)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(diagnose, replay_of_10M_connections, true)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  for (const bool replay : {false, true}) {
    std::error_code ignored;
    fs::remove(path_of(replay), ignored);
  }
  return 0;
}
