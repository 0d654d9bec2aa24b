// How long the metrics of a long run take, and the report about it.
//
//   elblab_bench_metrics [--benchmark_filter=...]     writes about 0.6 GB under $TMPDIR
//
// One trace for all: ten million sessions of 1,000 client addresses at 16 servers of one group over
// an hour, everything sampled once a second (680,000 samples), with response times and drops. What
// is computed from samples takes as long as they are many. Each figure is the wall time of one call
// on the opened trace, as a command or a window makes it.
#include "analysis/metrics/metrics.hpp"

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "analysis/reports/report.hpp"
#include "analysis/reports/writers.hpp"
#include "analysis/trace/reader.hpp"
#include "analysis/trace/writer.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own
namespace fs = std::filesystem;

constexpr std::uint32_t kConnections = 10'000'000;
constexpr std::uint32_t kServers = 16;
constexpr std::uint32_t kClients = 1'000;
constexpr int kSeconds = 3'600;

Instant at_second(int second) { return Instant(std::chrono::seconds(second)); }

telemetry::ConnectionRecord session_of(std::uint32_t i, telemetry::ObjectId balancer,
                                       telemetry::ObjectId first_server) {
  telemetry::ConnectionRecord record;
  const std::uint32_t client = i % kClients;
  record.object = balancer;
  record.peer = first_server + i % kServers;
  record.role = telemetry::ConnectionRole::session;
  record.reason = telemetry::Reason::closed_by_client;
  record.flow = {{net::IpAddress::v4(0x0A00'0000U + client),
                  static_cast<std::uint16_t>(32'768 + i / kClients % 28'232)},
                 {net::IpAddress::v4(198, 51, 100, 10), 80},
                 net::Protocol::tcp};
  record.translated = record.flow;
  record.opened_at = Instant(Duration(std::int64_t{i} * 360'000));
  record.established_at = record.opened_at + Duration(4'400'000);
  record.closed_at = record.opened_at + Duration(13'000'000);
  record.bytes_sent = 200;
  record.bytes_received = 1'024;
  return record;
}

// Series that are sampled together, once a second.
class Sampled {
 public:
  explicit Sampled(trace::Writer& writer) : writer_(writer) {}

  void add(const char* name, telemetry::ObjectId object, const char* unit, trace::SeriesKind kind,
           double value) {
    series_.push_back({writer_.add_series(name, object, unit, kind), value});
  }
  void sample(int second) {
    for (const auto& [series, value] : series_) {
      writer_.sample(series, at_second(second), value + second % 7);
    }
  }

 private:
  trace::Writer& writer_;
  std::vector<std::pair<telemetry::SeriesId, double>> series_;
};

void add_series(Sampled& sampled, trace::Writer& writer, telemetry::ObjectId balancer,
                telemetry::ObjectId first_server) {
  using trace::SeriesKind;
  for (const char* name : {"m1_cps", "m2_act_conn", "m3_inact_conn"}) {
    sampled.add(name, balancer, "connections", SeriesKind::gauge, 3'000);
  }
  for (const char* name : {"m4_ncps", "m5_in_pps", "m6_out_pps", "m7_in_Bps", "m8_out_Bps"}) {
    sampled.add(name, balancer, "1", SeriesKind::counter, 277);
  }
  for (std::uint32_t i = 0; i < kServers; ++i) {
    sampled.add("scheduled", first_server + i, "connections", SeriesKind::counter, 14);
    sampled.add("weight", first_server + i, "1", SeriesKind::gauge, 100);
    const auto host = writer.add_object("b" + std::to_string(i), trace::ObjectKind::host);
    sampled.add("served", host, "requests", SeriesKind::counter, 14);
    sampled.add("cpu", host, "%", SeriesKind::gauge, 40);
    sampled.add("accept_queue", host, "connections", SeriesKind::gauge, 1);
    sampled.add("accept_queue_limit", host, "connections", SeriesKind::gauge, 4'097);
    sampled.add("time_wait", host, "sockets", SeriesKind::gauge, 20'000);
    sampled.add("local_ports", host, "ports", SeriesKind::gauge, 28'232);
    sampled.add("packets_in", host, "packets", SeriesKind::counter, 100);
    sampled.add("packets_out", host, "packets", SeriesKind::counter, 100);
    sampled.add("established", host, "sockets", SeriesKind::gauge, 100);
  }
  const auto workload = writer.add_object("burst", trace::ObjectKind::workload);
  for (const char* name : {"requests", "responses", "request_failures"}) {
    sampled.add(name, workload, "requests", SeriesKind::counter, 277);
  }
}

void write_trace(trace::Writer& writer) {
  const auto balancer = writer.add_object("balancer", trace::ObjectKind::balancer);
  telemetry::ObjectId first_server = 0;
  for (std::uint32_t i = 0; i < kServers; ++i) {
    const auto id = writer.add_object("app/b" + std::to_string(i), trace::ObjectKind::server);
    if (i == 0) first_server = id;
  }
  Sampled sampled(writer);
  add_series(sampled, writer, balancer, first_server);
  constexpr std::uint32_t kPerSecond = kConnections / kSeconds;
  std::uint32_t i = 0;
  for (int second = 1; second <= kSeconds; ++second) {
    const std::uint32_t until = second == kSeconds ? kConnections : i + kPerSecond;
    for (; i < until; ++i) writer.record(session_of(i, balancer, first_server));
    sampled.sample(second);
    for (std::uint32_t bucket = 300; bucket < 310; ++bucket) {
      writer.latency({balancer, bucket, at_second(second), 28});
    }
    telemetry::Event drop;
    drop.at = at_second(second);
    drop.object = balancer;
    drop.reason = telemetry::Reason::no_server;
    writer.record(drop);
  }
}

// The trace, made when it is first asked for, and gone with the program.
class BenchTrace {
 public:
  static const BenchTrace& instance() {
    static const BenchTrace trace;
    return trace;
  }
  ~BenchTrace() {
    reader_.reset();
    std::error_code ignored;
    fs::remove(path_, ignored);
  }

  const std::string& path() const { return path_; }
  const trace::Reader& reader() const { return *reader_; }

 private:
  BenchTrace()
      : path_(fs::temp_directory_path() /
              ("elblab-metrics-" + std::to_string(::getpid()) + ".db")) {
    trace::RunMetadata run;
    run.scenario = "bench";
    run.sample_interval = std::chrono::seconds(1);
    if (auto made = make(run); !made) {
      std::fprintf(stderr, "%s\n", made.error().message.c_str());
      std::exit(1);
    }
  }

  Expected<void> make(const trace::RunMetadata& run) {
    const auto writer = trace::Writer::open(path_, run);
    if (!writer) return writer.error();
    write_trace(**writer);
    if (auto finished = (*writer)->finish(at_second(kSeconds)); !finished) return finished;
    auto reader = trace::Reader::open(path_);
    if (!reader) return reader.error();
    reader_ = std::move(*reader);
    return {};
  }

  std::string path_;
  std::unique_ptr<trace::Reader> reader_;
};

template <class Metric>
void measure(benchmark::State& state, Metric metric) {
  const trace::Reader& trace = BenchTrace::instance().reader();
  for (auto _ : state) benchmark::DoNotOptimize(metric(trace));
}

void traffic(benchmark::State& state) {
  measure(state, [](const auto& trace) { return metrics::traffic_matrix(trace, 1'000); });
}
void all_latencies(benchmark::State& state) {
  measure(state, [](const auto& trace) { return metrics::latencies(trace, kStart, kNever); });
}
BENCHMARK_CAPTURE(measure, server_shares, metrics::server_shares)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(measure, imbalances, metrics::imbalances)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(measure, gaps, metrics::gaps)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(measure, occupancies, metrics::occupancies)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(measure, drops, metrics::drops)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(measure, requests, metrics::requests)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(measure, cloud_metrics, metrics::cloud_metrics)->Unit(benchmark::kMillisecond);
BENCHMARK(traffic)->Unit(benchmark::kMillisecond);
BENCHMARK(all_latencies)->Unit(benchmark::kMillisecond);

void report(benchmark::State& state) {
  const BenchTrace& trace = BenchTrace::instance();
  for (auto _ : state) {
    const auto document = reports::make_report({{trace.path(), &trace.reader()}});
    benchmark::DoNotOptimize(reports::html_of(document));
  }
}
BENCHMARK(report)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace

BENCHMARK_MAIN();
