// What a packet costs on its way from a capture file through the engine into another file, beside
// libpcap copying the same file without an engine.
//
//   replay   elblab's reader -> roles -> network::Fabric -> elblab's writer
//   copy     pcap_next_ex -> pcap_dump
//
// Captures of a million Ethernet frames, half from clients and half from servers, of 100,000
// connections in random order: frames of 64 bytes, and the simple IMIX (7 of 64, 4 of 576, 1 of
// 1500 bytes). Files are in memory (/dev/shm) where there is such a place. Everything counts, also
// opening the files, finding the roles, and opening and ending the connections, which is an eighth
// of the time: one packet in ten is a SYN.
#include "pcap/replay/replay.hpp"

#include <benchmark/benchmark.h>
#include <pcap/pcap.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "models/net/packet_builder.hpp"
#include "models/random/stream.hpp"
#include "worlds/hash_seed.hpp"

namespace elblab::replay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPackets = 1'000'000;
constexpr std::size_t kFlows = 100'000;
constexpr std::size_t kEthernet = 14;
constexpr std::array<std::size_t, 12> kImix{64, 576, 64, 64, 576, 64, 576, 64, 576, 1500, 64, 64};

config::LoadBalancer make_balancer(bool full_nat) {
  config::LoadBalancer balancer;
  balancer.profile = config::find_profile(full_nat ? "shared" : "dedicated");
  balancer.address = net::IpAddress::v4(198, 51, 100, 10);
  balancer.backend_subnet = *net::Subnet::parse("10.0.1.0/24");
  balancer.nodes.lvs = 1;
  config::BackendGroup group;
  group.name = "app";
  for (std::uint8_t i = 1; i <= 8; ++i) {
    group.servers.push_back(
        {"b" + std::to_string(i), net::IpAddress::v4(10, 0, 2, i), 90, 1, false});
  }
  balancer.groups.push_back(group);
  config::Listener listener;
  listener.name = "web";
  listener.port = {80, 80};
  listener.group = "app";
  balancer.listeners.push_back(listener);
  return balancer;
}

// The engine's own output, to learn what servers see.
class LastPacket final : public network::PortOutput {
 public:
  void send(network::PortIndex, std::span<const std::uint8_t> packet) override {
    bytes.assign(packet.begin(), packet.end());
  }
  net::FlowKey flow() {
    net::PacketView view;
    net::PacketView::parse(bytes, view);
    return view.flow();
  }
  std::vector<std::uint8_t> bytes;
};

// Writes a capture of what goes into a balancer with a dumper of libpcap.
class CaptureMaker {
 public:
  CaptureMaker(const fs::path& path, const config::LoadBalancer& balancer)
      : pcap_(pcap_open_dead_with_tstamp_precision(DLT_EN10MB, 65535, PCAP_TSTAMP_PRECISION_NANO)),
        dumper_(pcap_dump_open(pcap_, path.c_str())),
        balancer_(balancer, {1}, worlds::hash_seed_of(1), recorder_),
        fabric_({{*net::Subnet::parse("0.0.0.0/0"), 0}}, 1, recorder_) {
    fabric_.attach(balancer_);
    if (dumper_ == nullptr) std::abort();
  }
  ~CaptureMaker() {
    pcap_dump_close(dumper_);
    pcap_close(pcap_);
  }
  CaptureMaker(const CaptureMaker&) = delete;
  CaptureMaker& operator=(const CaptureMaker&) = delete;

  void make(bool mixed) {
    for (std::size_t n = 0; n < kFlows; ++n) open(n);
    random::Stream random(1, "flows");
    for (std::size_t made = 3 * kFlows; made < kPackets; ++made) {
      const std::size_t flow = random.below(kFlows);
      const std::size_t frame = mixed ? kImix[made % kImix.size()] : 64;
      const net::FlowKey key = made % 2 == 0 ? client_flow(flow) : server_flows_[flow].reversed();
      write(key, net::tcp_flag::ack, 1001, 5001, frame - kEthernet - 40);
    }
  }

 private:
  static net::FlowKey client_flow(std::size_t n) {
    return {{net::IpAddress::v4(0x0B000000U + static_cast<std::uint32_t>(n / 50000)),
             static_cast<std::uint16_t>(1024 + n % 50000)},
            {net::IpAddress::v4(198, 51, 100, 10), 80},
            net::Protocol::tcp};
  }

  void open(std::size_t n) {
    constexpr std::size_t kPayload = 64 - kEthernet - 40;
    auto packet = write(client_flow(n), net::tcp_flag::syn, 1000, 0, 0);
    fabric_.receive(0, packet, kStart, output_);
    server_flows_.push_back(output_.flow());
    const net::FlowKey answer = server_flows_.back().reversed();
    write(answer, net::tcp_flag::syn | net::tcp_flag::ack, 5000, 1001, 0);
    write(client_flow(n), net::tcp_flag::ack, 1001, 5001, kPayload);
  }

  std::span<std::uint8_t> write(const net::FlowKey& flow, std::uint8_t flags,
                                std::uint32_t sequence, std::uint32_t acknowledgment,
                                std::size_t payload) {
    net::IpFields ip;
    ip.source = flow.source.address;
    ip.destination = flow.destination.address;
    net::TcpFields tcp;
    tcp.source_port = flow.source.port;
    tcp.destination_port = flow.destination.port;
    tcp.flags = flags;
    tcp.sequence = sequence;
    tcp.acknowledgment = acknowledgment;
    const std::size_t size = net::build_tcp(std::span(frame_).subspan(kEthernet), ip, tcp,
                                            std::span(payload_).first(payload));
    frame_[12] = 0x08;  // IPv4
    frame_[13] = 0x00;
    pcap_pkthdr header{};
    const std::size_t padded = std::max<std::size_t>(kEthernet + size, 64);
    header.ts.tv_sec = static_cast<time_t>(1'718'000'000 + packets_ / 500'000);
    header.ts.tv_usec = static_cast<suseconds_t>(packets_ % 500'000 * 2000);  // nanoseconds
    header.caplen = header.len = static_cast<bpf_u_int32>(padded);
    pcap_dump(reinterpret_cast<u_char*>(dumper_), &header, frame_.data());
    ++packets_;
    return std::span(frame_).subspan(kEthernet, size);
  }

  pcap_t* pcap_;
  pcap_dumper_t* dumper_;
  telemetry::NullRecorder recorder_;
  forwarding::Balancer balancer_;
  network::Fabric fabric_;
  LastPacket output_;
  std::vector<net::FlowKey> server_flows_;
  std::array<std::uint8_t, 2048> frame_{};
  std::array<std::uint8_t, 2048> payload_{};
  std::size_t packets_ = 0;
};

// A folder of its own, in memory where that can be, removed at the end.
class Folder {
 public:
  Folder() {
    const fs::path base = fs::exists("/dev/shm") ? "/dev/shm" : fs::temp_directory_path();
    path_ = base / ("elblab-bench-" + std::to_string(getpid()));
    fs::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

const Folder& folder() {
  static const Folder one;
  return one;
}

// Made once.
fs::path capture(bool mixed, bool full_nat) {
  static std::map<std::pair<bool, bool>, fs::path> made;
  fs::path& path = made[{mixed, full_nat}];
  if (path.empty()) {
    path = folder() / ((mixed ? "mixed" : "small") + std::string(full_nat ? ".fullnat" : ".dnat"));
    CaptureMaker(path, make_balancer(full_nat)).make(mixed);
  }
  return path;
}

void count(benchmark::State& state, const fs::path& input) {
  const auto packets = static_cast<std::int64_t>(kPackets) * state.iterations();
  state.SetItemsProcessed(packets);
  state.SetBytesProcessed(static_cast<std::int64_t>(fs::file_size(input)) * state.iterations());
  state.counters["packets/s"] =
      benchmark::Counter(static_cast<double>(packets), benchmark::Counter::kIsRate);
}

void replay_capture(benchmark::State& state) {
  const bool mixed = state.range(0) != 0;
  const bool full_nat = state.range(1) != 0;
  ReplayOptions options;
  options.capture = capture(mixed, full_nat);
  options.balancers = {make_balancer(full_nat)};
  options.write = folder() / "replayed";
  for (auto _ : state) {
    const auto report = replay(options);
    if (!report || report->packets_sent != kPackets || report->engine.sessions_opened != kFlows) {
      state.SkipWithError("not every packet was forwarded");
    }
  }
  count(state, options.capture);
}
BENCHMARK(replay_capture)
    ->Name("replay")
    ->ArgNames({"mixed", "full_nat"})
    ->Args({0, 0})
    ->Args({0, 1})
    ->Args({1, 0})
    ->Args({1, 1})
    ->Unit(benchmark::kMillisecond);

void copy_with_libpcap(benchmark::State& state) {
  const fs::path input = capture(state.range(0) != 0, false);
  const fs::path output = folder() / "copied";
  for (auto _ : state) {
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    pcap_t* in = pcap_open_offline_with_tstamp_precision(input.c_str(), PCAP_TSTAMP_PRECISION_NANO,
                                                         error.data());
    pcap_dumper_t* out = in == nullptr ? nullptr : pcap_dump_open(in, output.c_str());
    if (out == nullptr) {
      state.SkipWithError("libpcap cannot open a file");
      break;
    }
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    std::size_t packets = 0;
    while (pcap_next_ex(in, &header, &bytes) == 1) {
      pcap_dump(reinterpret_cast<u_char*>(out), header, bytes);
      ++packets;
    }
    pcap_dump_close(out);
    pcap_close(in);
    if (packets != kPackets) state.SkipWithError("not every packet was copied");
  }
  count(state, input);
}
BENCHMARK(copy_with_libpcap)
    ->Name("libpcap_copy")
    ->ArgNames({"mixed"})
    ->Arg(0)
    ->Arg(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace elblab::replay

BENCHMARK_MAIN();
