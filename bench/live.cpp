// Live packets through the balancer's place between two hosts on the real kernel: each PacketIo,
// with the engine (fullNAT) and without, beside the kernel's own routing in the same topology.
//
//   rate     one sender as fast as it can, 60-byte UDP packets of 1024 flows (a packet socket, so
//            that the client's own stack costs little): packets/s that reach the server's device
//   steady   100,000 packets/s on one core: CPU time of the whole process per delivered packet
//            (sender, way and the receiving kernel), and the share lost
//   latency  one request at a time between UDP sockets on one core: round trip there and back.
//            Between cores the wake-ups of other cores would be most of it.
//
// Every part lasts 2 s. Skipped, with the reason, where namespaces cannot be made. The process has
// real-time priority where that is allowed: with two threads on two cores, whatever else the
// machine does would else be most of what is seen.
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "bench/live_topology.hpp"
#include "live/network/file_descriptor.hpp"
#include "live/network/privileges.hpp"
#include "live/packet_io/send_batch.hpp"
#include "models/net/packet_builder.hpp"
#include "models/time/instant.hpp"

namespace elblab::live {
namespace {

using Clock = std::chrono::steady_clock;
constexpr Duration kPart = std::chrono::seconds(2);
constexpr std::size_t kFlows = 1024;
constexpr std::size_t kPayload = 32;  // 60 bytes with the headers
constexpr double kSteadyRate = 100'000;
constexpr std::size_t kBurst = 32;

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// One packet per flow, made ahead.
std::vector<std::vector<std::uint8_t>> packets_of_flows(const LiveTopology& topology) {
  std::vector<std::vector<std::uint8_t>> packets;
  const std::vector<std::uint8_t> payload(kPayload);
  net::IpFields ip;
  ip.source = topology.client_address();
  ip.destination = topology.destination().address;
  for (std::size_t flow = 0; flow < kFlows; ++flow) {
    std::vector<std::uint8_t> packet(100);
    packet.resize(net::build_udp(packet, ip, static_cast<std::uint16_t>(20000 + flow),
                                 topology.destination().port, payload));
    packets.push_back(std::move(packet));
  }
  return packets;
}

// A socket where the packets end; it is not read, and drops what it cannot hold.
FileDescriptor udp_socket(const NetworkNamespace& where, std::uint16_t port) {
  const NamespaceScope scope(where);
  FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_port = htons(port);
  const timeval limit{.tv_sec = 0, .tv_usec = 200'000};
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (bind(socket.get(), reinterpret_cast<sockaddr*>(&here), sizeof here) != 0) socket.reset();
  return socket;
}

class Sender {
 public:
  explicit Sender(const LiveTopology& topology) : packets_(packets_of_flows(topology)) {
    const NamespaceScope scope(topology.client());
    opened_ = batch_.open("eth0", topology.client_hardware());
  }
  const Expected<void>& opened() const { return opened_; }
  std::uint64_t sent() const { return batch_.sent(); }

  void burst(std::size_t count) {
    for (; count > 0; --count) batch_.add(packets_[next_++ % kFlows]);
    batch_.send();
  }
  void at_full_speed(Duration length) {
    const auto end = Clock::now() + length;
    while (Clock::now() < end) burst(kBurst);
  }
  // Sleeps between bursts, so that the sender's waiting costs nothing.
  void at_rate(double packets_per_second, Duration length) {
    const auto start = Clock::now();
    const Duration gap(static_cast<std::int64_t>(1e9 * kBurst / packets_per_second));
    for (auto next = start; next < start + length; next += gap) {
      std::this_thread::sleep_until(next);
      burst(kBurst);
    }
  }

 private:
  std::vector<std::vector<std::uint8_t>> packets_;
  SendBatch batch_;
  Expected<void> opened_;
  std::size_t next_ = 0;
};

// Builds the way; false after having said why not.
bool prepare(benchmark::State& state, Way way, LiveTopology& topology) {
  auto built = check_privileges();
  if (built) built = topology.build(way);
  if (!built) state.SkipWithError(built.error().message.c_str());
  return built.has_value();
}

// This thread, and those it starts, on one core.
class OneCore {
 public:
  OneCore() {
    sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one);
  }
  ~OneCore() { sched_setaffinity(0, sizeof before_, &before_); }
  OneCore(const OneCore&) = delete;
  OneCore& operator=(const OneCore&) = delete;

 private:
  cpu_set_t before_{};
};

// What has left the sender has arrived or is lost when the count stands still.
std::uint64_t delivered_at_rest(const LiveTopology& topology) {
  std::uint64_t before = topology.delivered();
  for (;;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const std::uint64_t now = topology.delivered();
    if (now == before) return now;
    before = now;
  }
}

void rate(benchmark::State& state, Way way) {
  for (auto _ : state) {
    LiveTopology topology;
    if (!prepare(state, way, topology)) return;
    const FileDescriptor sink = udp_socket(topology.server(), LiveTopology::kServerPort);
    Sender sender(topology);
    sender.burst(kFlows);  // every flow has its binding
    const std::uint64_t before = delivered_at_rest(topology);
    const auto start = Clock::now();
    sender.at_full_speed(kPart);
    const double seconds = seconds_since(start);
    const std::uint64_t arrived = topology.delivered() - before;
    state.SetIterationTime(seconds);
    state.counters["packets/s"] = static_cast<double>(arrived) / seconds;
    state.counters["offered/s"] = static_cast<double>(sender.sent() - kFlows) / seconds;
  }
}

void steady(benchmark::State& state, Way way) {
  const OneCore one_core;
  for (auto _ : state) {
    LiveTopology topology;
    if (!prepare(state, way, topology)) return;
    const FileDescriptor sink = udp_socket(topology.server(), LiveTopology::kServerPort);
    Sender sender(topology);
    sender.burst(kFlows);
    const std::uint64_t before = delivered_at_rest(topology);
    const std::uint64_t sent_before = sender.sent();
    const auto start = Clock::now();
    const double cpu = cpu_seconds();
    sender.at_rate(kSteadyRate, kPart);
    const double used = cpu_seconds() - cpu;
    state.SetIterationTime(seconds_since(start));
    const auto arrived = static_cast<double>(delivered_at_rest(topology) - before);
    const auto sent = static_cast<double>(sender.sent() - sent_before);
    state.counters["cpu_ns/packet"] = 1e9 * used / arrived;
    state.counters["lost_%"] = 100 * (1 - arrived / sent);
  }
}

// Sends back what it is sent.
class EchoServer {
 public:
  explicit EchoServer(const LiveTopology& topology)
      : socket_(udp_socket(topology.server(), LiveTopology::kServerPort)),
        thread_([this] { run(); }) {}
  ~EchoServer() {
    stopped_ = true;
    thread_.join();
  }

 private:
  void run() {
    while (!stopped_) {
      char bytes[64];
      sockaddr_in from{};
      socklen_t size = sizeof from;
      auto* address = reinterpret_cast<sockaddr*>(&from);
      const ssize_t length = recvfrom(socket_.get(), bytes, sizeof bytes, 0, address, &size);
      if (length < 0) continue;  // the time limit: look whether it is over
      sendto(socket_.get(), bytes, static_cast<std::size_t>(length), 0, address, size);
    }
  }

  FileDescriptor socket_;
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

std::vector<double> round_trips_us(const LiveTopology& topology) {
  const FileDescriptor client = udp_socket(topology.client(), 30000);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(topology.destination().port);
  to.sin_addr.s_addr = htonl(topology.destination().address.v4_value());
  std::vector<double> times;
  if (connect(client.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) return times;
  for (const auto start = Clock::now(); seconds_since(start) < 2;) {
    char bytes[32] = {};
    const auto sent = Clock::now();
    if (send(client.get(), bytes, sizeof bytes, 0) < 0) continue;
    if (recv(client.get(), bytes, sizeof bytes, 0) < 0) continue;
    times.push_back(1e6 * seconds_since(sent));
  }
  std::sort(times.begin(), times.end());
  return times;
}

void latency(benchmark::State& state, Way way) {
  const OneCore one_core;
  for (auto _ : state) {
    LiveTopology topology;
    if (!prepare(state, way, topology)) return;
    const EchoServer server(topology);
    const auto start = Clock::now();
    const std::vector<double> times = round_trips_us(topology);
    state.SetIterationTime(seconds_since(start));
    if (times.empty()) {
      state.SkipWithError("no answer came back");
      return;
    }
    state.counters["p50_us"] = times[times.size() / 2];
    state.counters["p99_us"] = times[times.size() * 99 / 100];
  }
}

void every_way(const char* name, void (*part)(benchmark::State&, Way)) {
  const std::pair<const char*, Way> ways[] = {{"kernel_routing", Way::kernel},
                                              {"packet_ring", Way::ring},
                                              {"packet_ring_forwarder", Way::ring_forwarder},
                                              {"af_xdp", Way::xdp},
                                              {"af_xdp_forwarder", Way::xdp_forwarder}};
  for (const auto& [way_name, way] : ways) {
    benchmark::RegisterBenchmark((std::string("live_") + name + "/" + way_name).c_str(), part, way)
        ->Iterations(1)
        ->UseManualTime()
        ->Unit(benchmark::kSecond);
  }
}

}  // namespace
}  // namespace elblab::live

int main(int argc, char** argv) {
  const sched_param priority{.sched_priority = 1};
  sched_setscheduler(0, SCHED_RR, &priority);  // refused to ordinary users, who are skipped anyway
  elblab::live::every_way("rate", elblab::live::rate);
  elblab::live::every_way("steady", elblab::live::steady);
  elblab::live::every_way("latency", elblab::live::latency);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
