#include "tests/live_hosts/kernel_hosts.hpp"

#include <poll.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <string>

#include "live/network/proc_sys.hpp"
#include "live/network/veth_link.hpp"
#include "tests/live/needs_privileges.hpp"

namespace elblab::live::testing {
namespace {

std::int64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

constexpr std::size_t kBatch = 64;

}  // namespace

KernelHosts::KernelHosts() : KernelHosts(client_.told, server_.told) {}

KernelHosts::KernelHosts(observation::SilentEnds& client_ends, observation::SilentEnds& server_ends)
    : started_ns_(monotonic_ns()) {
  middle_ = must(NetworkNamespace::make_unnamed());
  make(client_, "to-client", {kClient, kClient6}, client_ends);
  make(server_, "to-server", {kServer, kServerSecond, kServer6}, server_ends);
}

KernelHosts::~KernelHosts() {
  client_.port.reset();
  server_.port.reset();
  static_cast<void>(enter_own_namespace());
}

void KernelHosts::make(Side& side, std::string_view device,
                       const std::vector<net::IpAddress>& addresses,
                       observation::SilentEnds& ends) {
  side.network = must(NetworkNamespace::make_unnamed());
  VethLinkPlan plan;
  plan.balancer_device = device;
  for (const net::IpAddress& address : addresses) plan.addresses.push_back({address, 0});
  const HardwareAddress hardware = must(make_veth_link(side.network, middle_, plan));
  must(middle_.enter());
  side.port = must(open_packet_io(PacketIoKind::packet_ring, plan.balancer_device, hardware));
  side.sockets = std::make_unique<KernelSockets>(side.network, ends);
}

void KernelHosts::set_client_sysctl(const std::string& path, std::string_view value) {
  must(client_.network.enter());
  must(write_proc_sys(path, value));
}

void KernelHosts::set_server_sysctl(const std::string& path, std::string_view value) {
  must(server_.network.enter());
  must(write_proc_sys(path, value));
}

Instant KernelHosts::now() const { return kStart + Duration(monotonic_ns() - started_ns_); }

void KernelHosts::start(workload::Application& application, Instant begin) {
  application.start(begin);
  applications_.push_back(&application);
}

void KernelHosts::move_packets(Side& from, Side& to, Towards towards) {
  for (std::size_t moved = kBatch; moved == kBatch; to.port->flush()) {
    const auto packets = from.port->receive(kBatch);
    moved = packets.size();
    for (const std::span<std::uint8_t> packet : packets) {
      if (!carry || carry(towards, packet, now())) to.port->send(packet);
    }
  }
}

void KernelHosts::turn() {
  move_packets(client_, server_, Towards::server);
  move_packets(server_, client_, Towards::client);
  if (!client_sleeps) client_.sockets->handle(now());
  server_.sockets->handle(now());
  for (workload::Application* const application : applications_) {
    if (application->next_deadline() <= now()) application->advance(now());
  }
}

Instant KernelHosts::next_deadline() const {
  Instant next = std::min(client_.sockets->next_deadline(), server_.sockets->next_deadline());
  for (const workload::Application* const application : applications_) {
    next = std::min(next, application->next_deadline());
  }
  return next;
}

std::uint64_t KernelHosts::overrun() const {
  std::uint64_t lost = 0;
  for (const Side* const side : {&client_, &server_}) {
    const PacketIoCounters& counters = side->port->counters();
    lost += counters.dropped_by_ring + counters.dropped_by_device + counters.cut_short;
  }
  return lost;
}

bool KernelHosts::run_until(const std::function<bool()>& done, Duration limit) {
  const Instant end = now() + limit;
  while (!done()) {
    if (now() > end) return false;
    std::array<pollfd, 4> waiting{{{client_.port->descriptor(), POLLIN, 0},
                                   {server_.port->descriptor(), POLLIN, 0},
                                   {client_.sockets->descriptor(), POLLIN, 0},
                                   {server_.sockets->descriptor(), POLLIN, 0}}};
    const Duration wait = std::clamp(std::min(next_deadline(), end) - now(), Duration{0},
                                     Duration{std::chrono::seconds(1)});
    const timespec most{.tv_sec = wait.count() / 1'000'000'000,
                        .tv_nsec = wait.count() % 1'000'000'000};
    ppoll(waiting.data(), waiting.size(), &most, nullptr);
    turn();
  }
  return true;
}

}  // namespace elblab::live::testing
