// How fast the analyzer is on a trace of ten million rows, and how much memory it takes.
//
//   elblab_bench_gui [--benchmark_filter=...]     writes under $TMPDIR; needs no screen
//
// The trace: 6 million samples of 60 series, 3 million connections and 1 million events.
//
// first_picture: from the wish to open the file to the first painted picture with its curves, in a
// window as a person has it; the file was written just before, so it is in the page cache.
// frames: pan and zoom as a hand does, 6 curves. A frame is what the GUI thread does for one
// movement, from the change of the stretch of time to the painted picture (median_ms, p99_ms; cpu_…
// of it the processor time, which tells the truth on a busy machine, too);
// fresh_ms is the time until the picture shows the buckets of exactly that stretch.
// memory: the most the analyzer ever had (VmHWM) after opening and looking about, in a process of
// its own, which wrote no trace.
#include <benchmark/benchmark.h>
#include <time.h>
#include <unistd.h>

#include <QApplication>
#include <QEventLoop>
#include <QProcess>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "analysis/trace/writer.hpp"
#include "gui/application/main_window.hpp"
#include "gui/timeline/timeline_canvas.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kSeries = 60;
constexpr std::uint32_t kSamples = 100'000;  // of each series
constexpr std::uint32_t kConnections = 3'000'000;
constexpr std::uint32_t kEvents = 1'000'000;
constexpr std::int64_t kSampleNs = 100'000'000;
constexpr Duration kLength = Duration(kSamples * kSampleNs);
constexpr int kFrames = 400;

// Processor time of this thread: what a frame costs where others use the machine, too.
double thread_milliseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

double milliseconds_since(Clock::time_point begun) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
}

telemetry::ConnectionRecord connection(std::uint32_t i) {
  telemetry::ConnectionRecord record;
  record.object = 1;
  record.role = telemetry::ConnectionRole::client;
  record.reason = telemetry::Reason::closed_by_local;
  record.flow = {{net::IpAddress::v4(10, 0, 0, 1), static_cast<std::uint16_t>(32768 + i % 28232)},
                 {net::IpAddress::v4(198, 51, 100, 10), 80},
                 net::Protocol::tcp};
  record.opened_at = Instant(kLength * (i / 1000) / (kConnections / 1000));
  record.established_at = record.opened_at + Duration(4'400'000);
  record.closed_at = record.opened_at + Duration(13'000'000);
  return record;
}

// A day's wave with noise on it.
double value_of(std::uint32_t series, std::uint32_t i) {
  return 10'000 + 8'000 * std::sin(i * 6.28 / kSamples * (series + 1)) + (i * 7919 % 997);
}

void write_rows(trace::Writer& writer) {
  const auto host = writer.add_object("c1", trace::ObjectKind::host);
  for (std::uint32_t s = 0; s < kSeries; ++s) {
    writer.add_series("s" + std::to_string(s), host, s % 2 == 0 ? "sockets" : "packets",
                      trace::SeriesKind::gauge);
  }
  for (std::uint32_t i = 0; i < kSamples; ++i) {
    const Instant at(Duration((i + 1) * kSampleNs));
    for (std::uint32_t s = 0; s < kSeries; ++s) writer.sample(s + 1, at, value_of(s, i));
    for (std::uint32_t c = 0; c < kConnections / kSamples; ++c) {
      writer.record(connection(i * (kConnections / kSamples) + c));
    }
    for (std::uint32_t e = 0; e < kEvents / kSamples; ++e) {
      telemetry::Event event;
      event.at = at;
      event.kind = telemetry::EventKind::packet_dropped;
      event.reason = telemetry::Reason::no_connection;
      event.object = 1;
      writer.record(event);
    }
  }
}

std::string write_trace(const fs::path& path) {
  trace::RunMetadata run;
  run.scenario = "bench";
  run.run = "ten million rows";
  run.world = "simulation";
  run.duration = kLength;
  run.sample_interval = Duration(kSampleNs);
  const auto writer = trace::Writer::open(path, run);
  if (!writer) return writer.error().message;
  write_rows(**writer);
  const auto finished = (*writer)->finish(kStart + kLength);
  return finished ? std::string() : finished.error().message;
}

// Written once, removed at the end of the process that wrote it.
class BenchTrace {
 public:
  BenchTrace() {
    if (const char* given = std::getenv("ELBLAB_BENCH_TRACE")) {
      path_ = given;
    } else {
      path_ = fs::temp_directory_path() / ("elblab-bench-" + std::to_string(::getpid()) + ".db");
      ours_ = true;
      problem_ = write_trace(path_);
    }
  }
  ~BenchTrace() {
    if (ours_) fs::remove(path_);
  }
  const fs::path& path() const { return path_; }
  const std::string& problem() const { return problem_; }

 private:
  fs::path path_;
  bool ours_ = false;
  std::string problem_;
};

const BenchTrace& bench_trace() {
  static const BenchTrace kTrace;
  return kTrace;
}

double most_memory_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

QApplication& application() { return *qobject_cast<QApplication*>(QCoreApplication::instance()); }

bool has_curves(const gui::TimelineCanvas& canvas) {
  const auto& panels = canvas.scene().panels;
  return !panels.empty() && std::all_of(panels.begin(), panels.end(), [](const auto& panel) {
    return std::all_of(panel.curves.begin(), panel.curves.end(),
                       [](const auto& curve) { return curve.data != nullptr; });
  });
}

// A window on the trace, shown.
class BenchWindow {
 public:
  BenchWindow() {
    gui::Arguments arguments;
    arguments.size = {1600, 1000};
    arguments.size_given = true;
    arguments.traces = {QString::fromStdString(bench_trace().path().string())};
    for (int s = 0; s < 6; ++s) arguments.measures.push_back("s" + std::to_string(s) + "(c1)");
    window_ = std::make_unique<gui::MainWindow>(application(), arguments);
    window_->show();
  }
  gui::TimelineCanvas* canvas() const {
    return window_->findChild<gui::TimelineCanvas*>(QStringLiteral("canvas"));
  }
  void wait_for_curves() const {
    QEventLoop loop;
    QObject::connect(canvas(), &gui::TimelineCanvas::painted, &loop, [&] {
      if (has_curves(*canvas())) loop.quit();
    });
    loop.exec();
  }
  void settle() const {
    while (window_->traces().pending() > 0) {
      QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    }
    QCoreApplication::processEvents();
  }
  gui::MainWindow& window() const { return *window_; }

 private:
  std::unique_ptr<gui::MainWindow> window_;
};

void first_picture(benchmark::State& state) {
  if (!bench_trace().problem().empty()) {
    return state.SkipWithError(bench_trace().problem().c_str());
  }
  for (auto _ : state) {
    auto opened = std::make_unique<BenchWindow>();
    opened->wait_for_curves();
    state.PauseTiming();
    opened->settle();
    opened.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(first_picture)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

// In, about, and out again, like somebody who looks for something.
gui::TimeRange range_of(int frame) {
  const double phase = frame * 6.28 / kFrames;
  const double share = std::pow(10, -2 + 2 * std::cos(2 * phase));  // whole run to 1/10,000
  const auto length = std::max<std::int64_t>(
      1'000'000, static_cast<std::int64_t>(static_cast<double>(kLength.count()) * share));
  const auto middle = static_cast<std::int64_t>(static_cast<double>(kLength.count()) *
                                                (0.5 + 0.4 * std::sin(3 * phase)));
  const std::int64_t from = std::clamp<std::int64_t>(middle - length / 2, 0, kLength.count());
  return {Instant(Duration(from)),
          Instant(Duration(std::min<std::int64_t>(from + length, kLength.count())))};
}

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

void frames(benchmark::State& state) {
  if (!bench_trace().problem().empty()) {
    return state.SkipWithError(bench_trace().problem().c_str());
  }
  const BenchWindow opened;
  opened.wait_for_curves();
  opened.settle();
  std::vector<double> frame_ms;
  std::vector<double> cpu_ms;
  std::vector<double> fresh_ms;
  for (auto _ : state) {
    for (int frame = 0; frame < kFrames; ++frame) {
      const auto begun = Clock::now();
      const double cpu_begun = thread_milliseconds();
      opened.window().selection().show_range(range_of(frame));
      opened.canvas()->repaint();
      frame_ms.push_back(milliseconds_since(begun));
      cpu_ms.push_back(thread_milliseconds() - cpu_begun);
      opened.settle();
      opened.canvas()->repaint();
      fresh_ms.push_back(milliseconds_since(begun));
    }
  }
  state.counters["median_ms"] = quantile(frame_ms, 0.5);
  state.counters["p99_ms"] = quantile(frame_ms, 0.99);
  state.counters["cpu_median_ms"] = quantile(cpu_ms, 0.5);
  state.counters["cpu_p99_ms"] = quantile(cpu_ms, 0.99);
  state.counters["fresh_median_ms"] = quantile(fresh_ms, 0.5);
  state.counters["fresh_p99_ms"] = quantile(fresh_ms, 0.99);
}
BENCHMARK(frames)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

// The analyzer alone, in a process that wrote no trace.
void memory(benchmark::State& state) {
  if (!bench_trace().problem().empty()) {
    return state.SkipWithError(bench_trace().problem().c_str());
  }
  double most = 0;
  for (auto _ : state) {
    qputenv("ELBLAB_BENCH_TRACE", QByteArray::fromStdString(bench_trace().path().string()));
    QProcess alone;
    alone.start(QCoreApplication::applicationFilePath(), {"--memory"});
    alone.waitForFinished(-1);
    most = alone.readAllStandardOutput().toDouble();
    qunsetenv("ELBLAB_BENCH_TRACE");
  }
  if (most <= 0) return state.SkipWithError("the process that measures memory failed");
  state.counters["vm_hwm_MB"] = most;
}
BENCHMARK(memory)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

// Opens the window, shows every stretch the frames show, and prints the most memory it had.
int print_memory() {
  const BenchWindow opened;
  opened.wait_for_curves();
  for (int frame = 0; frame < kFrames; frame += 10) {
    opened.window().selection().show_range(range_of(frame));
    opened.settle();
    opened.canvas()->repaint();
  }
  std::printf("%.1f\n", most_memory_mb());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (std::getenv("QT_QPA_PLATFORM") == nullptr) qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("elblab-bench-gui"));
  if (QApplication::arguments().contains(QStringLiteral("--memory"))) return print_memory();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
