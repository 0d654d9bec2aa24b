#include "bench/live_topology.hpp"

#include <poll.h>
#include <time.h>

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include "live/network/proc_sys.hpp"
#include "models/forwarding/balancer.hpp"

namespace elblab::live {
namespace {

constexpr std::size_t kBatch = 64;
constexpr int kLookForStopMs = 20;
const net::IpAddress kClient = net::IpAddress::v4(10, 1, 0, 1);
const net::IpAddress kServer = net::IpAddress::v4(10, 2, 0, 1);
const net::IpAddress kVirtual = net::IpAddress::v4(198, 51, 100, 10);
const char* const kDevices[2] = {"to-client", "to-server"};

Instant now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return Instant(Duration(time.tv_sec * 1'000'000'000LL + time.tv_nsec));
}

config::LoadBalancer udp_balancer() {
  config::LoadBalancer balancer;
  balancer.profile = config::find_profile("shared");
  balancer.address = kVirtual;
  balancer.nodes.lvs = 1;
  config::BackendGroup group;
  group.name = "app";
  group.protocol = config::BackendProtocol::udp;
  group.servers.push_back({"b1", kServer, LiveTopology::kServerPort, 1, false});
  balancer.groups.push_back(group);
  config::Listener listener;
  listener.name = "echo";
  listener.protocol = config::ListenerProtocol::udp;
  listener.port = {LiveTopology::kServerPort, LiveTopology::kServerPort};
  listener.group = "app";
  listener.transfer_client_ip = false;
  balancer.listeners.push_back(listener);
  return balancer;
}

using Ports = std::unique_ptr<PacketIo> (&)[2];

// Waits for packets of both ports, takes them in batches and has them passed on.
class Passing : public PassingThread, public network::PortOutput {
 public:
  explicit Passing(Ports ports) : ports_(ports) {}

  void start() {
    thread_ = std::thread([this] { run(); });
  }
  void stop() {
    stopped_ = true;
    thread_.join();
  }
  void send(network::PortIndex port, std::span<const std::uint8_t> packet) override {
    ports_[port]->send(packet);
  }

 protected:
  virtual void pass(network::PortIndex from, std::span<const std::span<std::uint8_t>> batch) = 0;

 private:
  void run() {
    while (!stopped_) {
      bool any = false;
      for (const network::PortIndex from : {0u, 1u}) {
        const auto batch = ports_[from]->receive(kBatch);
        if (batch.empty()) continue;
        any = true;
        pass(from, batch);
      }
      for (const auto& port : ports_) port->flush();
      if (!any) wait();
    }
  }
  void wait() {
    pollfd entries[2] = {{.fd = ports_[0]->descriptor(), .events = POLLIN, .revents = 0},
                         {.fd = ports_[1]->descriptor(), .events = POLLIN, .revents = 0}};
    poll(entries, 2, kLookForStopMs);
  }

  Ports ports_;
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

class PassThrough final : public Passing {
 public:
  explicit PassThrough(Ports ports) : Passing(ports) { start(); }
  ~PassThrough() override { stop(); }

 private:
  void pass(network::PortIndex from, std::span<const std::span<std::uint8_t>> batch) override {
    for (const auto& packet : batch) send(1 - from, packet);
  }
};

class Forwarding final : public Passing {
 public:
  explicit Forwarding(Ports ports)
      : Passing(ports),
        balancer_(udp_balancer(), {1}, 99, recorder_),
        fabric_({{net::Subnet(kClient, 16), 0}, {net::Subnet(kServer, 16), 1}}, 1, recorder_) {
    fabric_.attach(balancer_);
    start();
  }
  ~Forwarding() override { stop(); }

 private:
  void pass(network::PortIndex from, std::span<const std::span<std::uint8_t>> batch) override {
    const Instant at = now();
    if (fabric_.next_deadline() <= at) fabric_.advance(at, *this);
    fabric_.receive_batch(from, batch, at, *this);
  }

  telemetry::NullRecorder recorder_;
  forwarding::Balancer balancer_;
  network::Fabric fabric_;
};

}  // namespace

Expected<void> LiveTopology::build(Way way) {
  way_ = way;
  if (auto done = make_links(); !done) return done;
  const NamespaceScope scope(balancer_);
  if (!scope.entered()) return scope.entered();
  if (way == Way::kernel) return let_kernel_forward();
  if (auto done = open_ports(way); !done) return done;
  if (way == Way::ring || way == Way::xdp) {
    passing_ = std::make_unique<PassThrough>(ports_);
  } else {
    passing_ = std::make_unique<Forwarding>(ports_);
  }
  return {};
}

Expected<void> LiveTopology::make_links() {
  for (const auto& [name, network] :
       {std::pair("client", &client_), std::pair("balancer", &balancer_),
        std::pair("server", &server_)}) {
    auto made = NetworkNamespace::make_named(name);
    if (!made) return made.error();
    *network = std::move(*made);
  }
  VethLinkPlan plan;
  plan.balancer_device = kDevices[0];
  plan.addresses = {{kClient, 0}};
  const auto client = make_veth_link(client_, balancer_, plan);
  if (!client) return client.error();
  client_hardware_ = *client;
  plan.balancer_device = kDevices[1];
  plan.addresses = {{kServer, 0}};
  const auto server = make_veth_link(server_, balancer_, plan);
  if (!server) return server.error();
  server_hardware_ = *server;
  return {};
}

Expected<void> LiveTopology::let_kernel_forward() {
  if (auto done = write_proc_sys("net/ipv4/ip_forward", "1"); !done) return done;
  // Frames of the hosts bear their own address (veth_link.hpp): the kernel is to take them.
  if (auto done = set_hardware_address(kDevices[0], client_hardware_); !done) return done;
  if (auto done = set_hardware_address(kDevices[1], server_hardware_); !done) return done;
  if (auto done = add_route(kDevices[0], net::Subnet(kClient, 32)); !done) return done;
  return add_route(kDevices[1], net::Subnet(kServer, 32));
}

Expected<void> LiveTopology::open_ports(Way way) {
  const bool xdp = way == Way::xdp || way == Way::xdp_forwarder;
  const PacketIoKind kind = xdp ? PacketIoKind::af_xdp : PacketIoKind::packet_ring;
  auto to_client = open_packet_io(kind, kDevices[0], client_hardware_);
  if (!to_client) return to_client.error();
  auto to_server = open_packet_io(kind, kDevices[1], server_hardware_);
  if (!to_server) return to_server.error();
  ports_[0] = std::move(*to_client);
  ports_[1] = std::move(*to_server);
  return {};
}

net::IpAddress LiveTopology::client_address() const { return kClient; }

net::Endpoint LiveTopology::destination() const {
  const bool engine = way_ == Way::ring_forwarder || way_ == Way::xdp_forwarder;
  return {engine ? kVirtual : kServer, kServerPort};
}

std::uint64_t LiveTopology::delivered() const {
  const NamespaceScope scope(server_);
  std::ifstream file("/proc/thread-self/net/dev");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find("eth0:");
    if (colon == std::string::npos) continue;
    std::istringstream fields(line.substr(colon + 5));
    std::uint64_t bytes = 0, packets = 0;
    fields >> bytes >> packets;
    return packets;
  }
  return 0;
}

}  // namespace elblab::live
