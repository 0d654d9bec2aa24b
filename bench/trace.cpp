// How fast a run can be written down, and what that costs the thread that runs the models.
//
//   elblab_bench_trace [--benchmark_filter=...]     writes under $TMPDIR
//
// A run of short connections: for each one the client's, the server's and the balancer's record and
// the scheduler's decision; now and then samples of many series. A row is one call of the recorder.
//
// end_to_end: from the first call to the end of finish(): levels, indices, checkpoint, everything.
// sustained: until all is committed, which is what the writer thread keeps up with.
// record: wall time of one record() on the calling thread as long as the queue has room, which is
// what a simulation pays that leaves the writer time to keep up.
// cpu_ns/row is processor time of all threads, writer_ns/row that of all but the calling one: they
// tell the truth on a busy machine too, where rows/s do not.
#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "analysis/trace/record_ring.hpp"
#include "analysis/trace/writer.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own
namespace fs = std::filesystem;

fs::path trace_path() {
  return fs::temp_directory_path() / ("elblab-bench-" + std::to_string(::getpid()) + ".db");
}

net::FlowKey flow_of(std::uint32_t i) {
  const auto port = static_cast<std::uint16_t>(32768 + i % 28232);
  return {{net::IpAddress::v4(10, 0, 0, static_cast<std::uint8_t>(1 + i % 4)), port},
          {net::IpAddress::v4(198, 51, 100, 10), 80},
          net::Protocol::tcp};
}

constexpr telemetry::ObjectId kBalancer = 1;
constexpr std::uint32_t kServers = 4;   // objects 2 to 5
constexpr std::uint32_t kClients = 4;   // objects 6 to 9
constexpr std::uint32_t kSeries = 100;  // sampled together, every kConnectionsPerSampling
constexpr std::uint32_t kConnectionsPerSampling = 1'000;

telemetry::ConnectionRecord session_of(std::uint32_t i) {
  telemetry::ConnectionRecord record;
  record.object = kBalancer;
  record.peer = 2 + i % kServers;
  record.role = telemetry::ConnectionRole::session;
  record.reason = telemetry::Reason::closed_by_client;
  record.flow = flow_of(i);
  record.translated = {
      {net::IpAddress::v4(10, 0, 1, 5), static_cast<std::uint16_t>(1024 + i % 60000)},
      {net::IpAddress::v4(10, 0, 2, static_cast<std::uint8_t>(1 + i % kServers)), 90},
      net::Protocol::tcp};
  record.opened_at = Instant(Duration(std::int64_t{i} * 25'000));
  record.established_at = record.opened_at + Duration(4'400'000 + i % 1'000);
  record.closed_at = record.opened_at + Duration(13'000'000 + i % 3'000);
  record.bytes_sent = 200;
  record.bytes_received = 1024;
  return record;
}

telemetry::ConnectionRecord client_of(std::uint32_t i) {
  telemetry::ConnectionRecord record = session_of(i);
  record.object = 6 + i % kClients;
  record.peer = 0;
  record.role = telemetry::ConnectionRole::client;
  record.reason = telemetry::Reason::closed_by_local;
  record.translated = {};
  return record;
}

telemetry::ConnectionRecord server_of(std::uint32_t i) {
  telemetry::ConnectionRecord record = session_of(i);
  record.object = 2 + i % kServers;
  record.peer = 0;
  record.role = telemetry::ConnectionRole::server;
  record.reason = telemetry::Reason::closed_by_peer;
  record.flow = record.translated;
  record.translated = {};
  return record;
}

telemetry::Event event_of(std::uint32_t i) {
  telemetry::Event event;
  event.at = Instant(Duration(std::int64_t{i} * 25'000));
  event.kind = telemetry::EventKind::scheduler_decision;
  event.object = kBalancer;
  event.peer = 2 + i % kServers;
  event.flow = flow_of(i);
  return event;
}

std::unique_ptr<trace::Writer> open_writer(benchmark::State& state) {
  auto opened = trace::Writer::open(trace_path(), {});
  if (!opened) {
    state.SkipWithError(opened.error().message.c_str());
    return nullptr;
  }
  auto& writer = *opened;
  writer->add_object("balancer", trace::ObjectKind::balancer);
  for (std::uint32_t i = 0; i < kServers; ++i) {
    writer->add_object("b" + std::to_string(i), trace::ObjectKind::server);
  }
  for (std::uint32_t i = 0; i < kClients; ++i) {
    writer->add_object("c" + std::to_string(i), trace::ObjectKind::host);
  }
  for (std::uint32_t i = 0; i < kSeries; ++i) {
    writer->add_series("s" + std::to_string(i), 1, "packets", trace::SeriesKind::counter);
  }
  return std::move(writer);
}

void finish(benchmark::State& state, trace::Writer& writer) {
  if (const auto finished = writer.finish(kStart); !finished) {
    state.SkipWithError(finished.error().message.c_str());
  }
}

// One sampling of all series. Returns the number of rows.
std::uint64_t write_samples(trace::Writer& writer, std::uint32_t i) {
  for (std::uint32_t s = 1; s <= kSeries; ++s) {
    writer.sample(s, Instant(Duration(std::int64_t{i} * 25'000)), (i * s) % 1'009);
  }
  return kSeries;
}

std::uint64_t write_run(trace::Writer& writer, std::uint32_t connections) {
  std::uint64_t rows = 0;
  for (std::uint32_t i = 0; i < connections; ++i) {
    writer.record(event_of(i));
    writer.record(client_of(i));
    writer.record(server_of(i));
    writer.record(session_of(i));
    rows += 4;
    if (i % kConnectionsPerSampling != 0) continue;
    rows += write_samples(writer, i);
  }
  return rows;
}

double cpu_seconds(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// write(writer) gives the number of rows; end(writer) ends the run.
template <class Write, class End>
void measure_run(benchmark::State& state, Write write, End end) {
  double process = 0;
  double caller = 0;
  std::uint64_t rows = 0;
  for (auto _ : state) {
    auto writer = open_writer(state);
    if (!writer) return;
    process -= cpu_seconds(RUSAGE_SELF);
    caller -= cpu_seconds(RUSAGE_THREAD);
    rows += write(*writer);
    end(writer);
    process += cpu_seconds(RUSAGE_SELF);
    caller += cpu_seconds(RUSAGE_THREAD);
  }
  const auto count = static_cast<double>(rows);
  state.counters["rows/s"] = benchmark::Counter(count, benchmark::Counter::kIsRate);
  state.counters["cpu_ns/row"] = process * 1e9 / count;
  state.counters["writer_ns/row"] = (process - caller) * 1e9 / count;
  state.counters["B/row"] = static_cast<double>(fs::file_size(trace_path())) *
                            static_cast<double>(state.iterations()) / count;
  fs::remove(trace_path());
}

std::uint32_t connections_of(const benchmark::State& state) {
  return static_cast<std::uint32_t>(state.range(0));
}

void end_to_end(benchmark::State& state) {
  measure_run(
      state, [&](auto& writer) { return write_run(writer, connections_of(state)); },
      [&](auto& writer) { finish(state, *writer); });
}
BENCHMARK(end_to_end)
    ->Arg(250'000)
    ->Arg(1'250'000)
    ->ArgName("connections")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1);

void sustained(benchmark::State& state) {
  measure_run(
      state, [&](auto& writer) { return write_run(writer, connections_of(state)); },
      [](auto& writer) { writer.reset(); });
}
BENCHMARK(sustained)
    ->Arg(500'000)
    ->ArgName("connections")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1);

// Nothing but samples, as of a quiet run of many hosts: every three bring a row of the levels's.
void samples_end_to_end(benchmark::State& state) {
  measure_run(
      state,
      [](auto& writer) {
        std::uint64_t rows = 0;
        for (std::uint32_t i = 0; i < 10'000; ++i) rows += write_samples(writer, i);
        return rows;
      },
      [&](auto& writer) { finish(state, *writer); });
}
BENCHMARK(samples_end_to_end)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

// Bursts that the queue holds; between them the writer is left to empty it, untimed.
template <class Record>
void record(benchmark::State& state, Record (*make)(std::uint32_t)) {
  constexpr std::uint32_t kBurst = 16'384;
  auto writer = open_writer(state);
  if (!writer) return;
  std::vector<Record> records;
  for (std::uint32_t i = 0; i < kBurst; ++i) records.push_back(make(i));
  for (auto _ : state) {
    for (const Record& r : records) writer->record(r);
    state.PauseTiming();
    finish(state, *writer);
    writer.reset();  // lets go of the trace, which one writer at a time may have
    writer = open_writer(state);
    if (!writer) return;
    state.ResumeTiming();
  }
  state.counters["ns/record"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * kBurst * 1e-9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  finish(state, *writer);
  fs::remove(trace_path());
}
BENCHMARK_CAPTURE(record, connection, &session_of)->UseRealTime()->Iterations(20);
BENCHMARK_CAPTURE(record, event, &event_of)->UseRealTime()->Iterations(20);

void digest(benchmark::State& state) {
  auto writer = open_writer(state);
  if (!writer) return;
  write_run(*writer, 250'000);
  finish(state, *writer);
  const auto reader = trace::Reader::open(trace_path());
  if (!reader) return state.SkipWithError(reader.error().message.c_str());
  for (auto _ : state) benchmark::DoNotOptimize((*reader)->digest());
  fs::remove(trace_path());
}
BENCHMARK(digest)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

}  // namespace

BENCHMARK_MAIN();
