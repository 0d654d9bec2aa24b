// How fast a run can be written down, and what that costs the thread that runs the models.
//
//   elblab_bench_trace [--benchmark_filter=...]     writes under $TMPDIR
//
// end_to_end: rows per second from the first record() to the end of finish(): interning, indices,
// checkpoint, everything. record: wall time of one record() on the calling thread as long as the
// queue has room, which is what a simulation pays that leaves the writer time to keep up.
#include <benchmark/benchmark.h>
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

telemetry::ConnectionRecord connection_of(std::uint32_t i) {
  telemetry::ConnectionRecord record;
  record.object = 1;
  record.peer = 2 + i % 4;
  record.role = telemetry::ConnectionRole::session;
  record.reason = telemetry::Reason::closed_by_peer;
  record.flow = flow_of(i);
  record.translated = {
      {net::IpAddress::v4(10, 0, 1, 5), static_cast<std::uint16_t>(1024 + i % 60000)},
      {net::IpAddress::v4(10, 0, 2, static_cast<std::uint8_t>(1 + i % 4)), 90},
      net::Protocol::tcp};
  record.opened_at = Instant(Duration(std::int64_t{i} * 25'000));
  record.established_at = record.opened_at + Duration(4'400'000);
  record.closed_at = record.opened_at + Duration(13'000'000);
  record.bytes_sent = 200;
  record.bytes_received = 1024;
  return record;
}

telemetry::Event event_of(std::uint32_t i) {
  telemetry::Event event;
  event.at = Instant(Duration(std::int64_t{i} * 25'000));
  event.kind = telemetry::EventKind::scheduler_decision;
  event.object = 1;
  event.peer = 2 + i % 4;
  event.flow = flow_of(i);
  return event;
}

std::unique_ptr<trace::Writer> open_writer(benchmark::State& state) {
  std::unique_ptr<trace::Writer> writer;
  if (const auto error = trace::Writer::open(trace_path(), {}, writer)) {
    state.SkipWithError(error->message.c_str());
  } else {
    writer->add_object("balancer", trace::ObjectKind::balancer);
  }
  return writer;
}

void finish(benchmark::State& state, trace::Writer& writer) {
  if (const auto error = writer.finish(kStart)) state.SkipWithError(error->message.c_str());
}

// Rows: connections, and for every one of them `events_per_connection` events.
void write_run(trace::Writer& writer, std::uint32_t connections, std::uint32_t events_each) {
  std::uint32_t event = 0;
  for (std::uint32_t i = 0; i < connections; ++i) {
    for (std::uint32_t e = 0; e < events_each; ++e) writer.record(event_of(event++));
    writer.record(connection_of(i));
  }
}

void end_to_end(benchmark::State& state) {
  const auto connections = static_cast<std::uint32_t>(state.range(0));
  const auto events_each = static_cast<std::uint32_t>(state.range(1));
  for (auto _ : state) {
    auto writer = open_writer(state);
    if (!writer) return;
    write_run(*writer, connections, events_each);
    finish(state, *writer);
  }
  const double rows = static_cast<double>(connections) * (1 + events_each);
  state.counters["rows/s"] = benchmark::Counter(rows * static_cast<double>(state.iterations()),
                                                benchmark::Counter::kIsRate);
  state.counters["B/row"] = static_cast<double>(fs::file_size(trace_path())) / rows;
  fs::remove(trace_path());
}
BENCHMARK(end_to_end)
    ->Args({1'000'000, 0})
    ->Args({1'000'000, 2})
    ->Args({5'000'000, 0})
    ->ArgNames({"connections", "events"})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1);

// As end_to_end, without the indices of finish(): what the writer thread keeps up with.
void sustained(benchmark::State& state) {
  const auto connections = static_cast<std::uint32_t>(state.range(0));
  for (auto _ : state) {
    auto writer = open_writer(state);
    if (!writer) return;
    write_run(*writer, connections, 1);
    writer.reset();  // waits until everything is committed
  }
  state.counters["rows/s"] = benchmark::Counter(
      2.0 * connections * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  fs::remove(trace_path());
}
BENCHMARK(sustained)
    ->Arg(1'000'000)
    ->ArgName("connections")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1);

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
    writer = open_writer(state);
    state.ResumeTiming();
  }
  state.counters["ns/record"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * kBurst * 1e-9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  finish(state, *writer);
  fs::remove(trace_path());
}
BENCHMARK_CAPTURE(record, connection, &connection_of)->UseRealTime()->Iterations(20);
BENCHMARK_CAPTURE(record, event, &event_of)->UseRealTime()->Iterations(20);

void digest(benchmark::State& state) {
  auto writer = open_writer(state);
  if (!writer) return;
  write_run(*writer, 1'000'000, 0);
  finish(state, *writer);
  std::unique_ptr<trace::Reader> reader;
  if (const auto error = trace::Reader::open(trace_path(), reader)) {
    return state.SkipWithError(error->message.c_str());
  }
  for (auto _ : state) benchmark::DoNotOptimize(reader->digest());
  fs::remove(trace_path());
}
BENCHMARK(digest)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

}  // namespace

BENCHMARK_MAIN();
