// How fast captures are read and copied, beside libpcap in the same run.
//
//   elblab_bench_capture [--benchmark_filter=...]     writes under $TMPDIR, about 0.5 GB
//
// small: 1 M packets of 64 bytes. mixed: 1 M packets, of 64, 576 and 1,500 bytes as 7 : 4 : 1 (the
// simple IMIX). The files are written once and read from the page cache. `mapped` is a bare walk
// over a mapping of the file, without any counting: what mmap(2) would give instead of read(2).
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "pcap/link_layer.hpp"
#include "pcap/reader.hpp"
#include "pcap/writer.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own
namespace fs = std::filesystem;

constexpr std::uint32_t kPackets = 1'000'000;
enum Kind : int { small, mixed };

std::size_t size_of(Kind kind, std::uint32_t i) {
  if (kind == small) return 64;
  constexpr std::array<std::size_t, 12> kImix{64, 576, 64, 64, 576, 64, 1500, 64, 576, 64, 576, 64};
  return kImix[i % kImix.size()];
}

// The captures, made when first asked for, and where copies go; gone at the end of the program.
class Files {
 public:
  Files() {
    std::string name = (fs::temp_directory_path() / "elblab-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
  }
  ~Files() { fs::remove_all(folder_); }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  fs::path capture(Kind kind) {
    const fs::path path = folder_ / (kind == small ? "small.pcap" : "mixed.pcap");
    if (!fs::exists(path)) write(path, kind);
    return path;
  }
  fs::path copy() const { return folder_ / "copy.pcap"; }

 private:
  static void write(const fs::path& path, Kind kind) {
    const auto opened = pcap::Writer::open(path);
    if (!opened) std::abort();
    pcap::Writer& writer = **opened;
    std::array<std::uint8_t, 1500> packet{0x45};
    for (std::uint32_t i = 0; i < kPackets; ++i) {
      const std::size_t size = size_of(kind, i);
      packet[2] = static_cast<std::uint8_t>(size >> 8);
      packet[3] = static_cast<std::uint8_t>(size);
      writer.write_at(1'700'000'000'000'000'000 + i * 1'000LL, std::span(packet).first(size),
                      static_cast<std::uint32_t>(size));
    }
    if (!writer.close()) std::abort();
  }

  fs::path folder_;
};

Files& files() {
  static Files all;
  return all;
}

Kind kind_of(const benchmark::State& state) { return static_cast<Kind>(state.range(0)); }

void count(benchmark::State& state, std::uint64_t packets) {
  const auto each = static_cast<double>(packets);
  state.counters["packets/s"] = benchmark::Counter(each, benchmark::Counter::kIsRate);
  state.counters["ns/packet"] =
      benchmark::Counter(each * 1e-9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

std::unique_ptr<pcap::Reader> open(benchmark::State& state, const fs::path& path) {
  auto reader = pcap::Reader::open(path);
  if (reader) return std::move(*reader);
  state.SkipWithError(reader.error().message.c_str());
  return nullptr;
}

void read_capture(benchmark::State& state) {
  const fs::path path = files().capture(kind_of(state));
  std::uint64_t packets = 0;
  std::uint64_t sum = 0;
  std::array<pcap::Record, 256> batch;
  for (auto _ : state) {
    const auto reader = open(state, path);
    while (const std::size_t n = reader->next_batch(batch)) {
      for (const pcap::Record& r : std::span(batch).first(n)) sum += r.at_ns + r.bytes[0];
    }
    packets += reader->report().records;
  }
  benchmark::DoNotOptimize(sum);
  count(state, packets);
}

void read_capture_to_the_ip_packet(benchmark::State& state) {
  const fs::path path = files().capture(kind_of(state));
  std::uint64_t packets = 0;
  std::uint64_t sum = 0;
  std::array<pcap::Record, 256> batch;
  for (auto _ : state) {
    const auto reader = open(state, path);
    while (const std::size_t n = reader->next_batch(batch)) {
      for (const pcap::Record& r : std::span(batch).first(n)) {
        sum += pcap::open_frame(r.link_type, r.bytes).packet.size();
      }
    }
    packets += reader->report().records;
  }
  benchmark::DoNotOptimize(sum);
  count(state, packets);
}

void read_libpcap(benchmark::State& state) {
  const fs::path path = files().capture(kind_of(state));
  std::uint64_t packets = 0;
  std::uint64_t sum = 0;
  for (auto _ : state) {
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    pcap_t* capture = pcap_open_offline_with_tstamp_precision(
        path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error.data());
    if (capture == nullptr) return state.SkipWithError(error.data());
    pcap_pkthdr* header = nullptr;
    const std::uint8_t* bytes = nullptr;
    for (; pcap_next_ex(capture, &header, &bytes) == 1; ++packets) {
      sum += static_cast<std::uint64_t>(header->ts.tv_usec) + bytes[0];
    }
    pcap_close(capture);
  }
  benchmark::DoNotOptimize(sum);
  count(state, packets);
}

std::uint64_t walk(const std::uint8_t* at, const std::uint8_t* end, std::uint64_t& packets) {
  constexpr std::size_t kFileHeader = 24;
  constexpr std::ptrdiff_t kRecordHeader = 16;
  std::uint64_t sum = 0;
  for (at += kFileHeader; end - at >= kRecordHeader; ++packets) {
    std::uint32_t length = 0;
    std::memcpy(&length, at + 8, 4);
    sum += at[4] + at[kRecordHeader];
    at += kRecordHeader + length;
  }
  return sum;
}

void read_mapped(benchmark::State& state) {
  const fs::path path = files().capture(kind_of(state));
  std::uint64_t packets = 0;
  std::uint64_t sum = 0;
  for (auto _ : state) {
    const int file = ::open(path.c_str(), O_RDONLY);
    const std::size_t size = fs::file_size(path);
    void* mapping = ::mmap(nullptr, size, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
    if (mapping == MAP_FAILED) return state.SkipWithError("mmap");
    const auto* begin = static_cast<const std::uint8_t*>(mapping);
    sum += walk(begin, begin + size, packets);
    ::munmap(mapping, size);
    ::close(file);
  }
  benchmark::DoNotOptimize(sum);
  count(state, packets);
}

void copy_capture(benchmark::State& state) {
  const fs::path path = files().capture(kind_of(state));
  std::uint64_t packets = 0;
  std::array<pcap::Record, 256> batch;
  for (auto _ : state) {
    const auto reader = open(state, path);
    const auto writer = pcap::Writer::open(files().copy());
    if (!writer) return state.SkipWithError(writer.error().message.c_str());
    while (const std::size_t n = reader->next_batch(batch)) {
      for (const pcap::Record& r : std::span(batch).first(n)) {
        (*writer)->write_at(r.at_ns, r.bytes, r.original_length);
      }
    }
    if (const auto closed = (*writer)->close(); !closed) {
      return state.SkipWithError(closed.error().message.c_str());
    }
    packets += reader->report().records;
  }
  count(state, packets);
}

void copy_libpcap(benchmark::State& state) {
  const fs::path path = files().capture(kind_of(state));
  std::uint64_t packets = 0;
  for (auto _ : state) {
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    pcap_t* capture = pcap_open_offline_with_tstamp_precision(
        path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error.data());
    if (capture == nullptr) return state.SkipWithError(error.data());
    pcap_dumper_t* dumper = pcap_dump_open(capture, files().copy().c_str());
    pcap_pkthdr* header = nullptr;
    const std::uint8_t* bytes = nullptr;
    for (; pcap_next_ex(capture, &header, &bytes) == 1; ++packets) {
      pcap_dump(reinterpret_cast<std::uint8_t*>(dumper), header, bytes);
    }
    pcap_dump_close(dumper);
    pcap_close(capture);
  }
  count(state, packets);
}

#define CAPTURE_BENCHMARK(name) \
  BENCHMARK(name)->ArgName("mixed")->Arg(small)->Arg(mixed)->Unit(benchmark::kMillisecond)
CAPTURE_BENCHMARK(read_capture);
CAPTURE_BENCHMARK(read_capture_to_the_ip_packet);
CAPTURE_BENCHMARK(read_libpcap);
CAPTURE_BENCHMARK(read_mapped);
CAPTURE_BENCHMARK(copy_capture);
CAPTURE_BENCHMARK(copy_libpcap);

}  // namespace

BENCHMARK_MAIN();
