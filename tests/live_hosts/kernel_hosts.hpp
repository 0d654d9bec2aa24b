// Two hosts of the real kernel, each in a namespace of its own, and a wire between them that the
// test carries packet by packet: every test's world.
//
//   client namespace --veth-- middle namespace (two PacketIo) --veth-- server namespace
//
// Time is the monotonic clock since construction. A test waits for conditions, with a limit.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "live/hosts/kernel_sockets.hpp"
#include "live/packet_io/packet_io.hpp"
#include "models/workload/application.hpp"

namespace elblab::live::testing {

inline const net::IpAddress kClient = net::IpAddress::v4(10, 0, 0, 1);
inline const net::IpAddress kServer = net::IpAddress::v4(10, 0, 1, 1);
inline const net::IpAddress kServerSecond = net::IpAddress::v4(10, 0, 1, 2);
inline const net::IpAddress kClient6 = *net::IpAddress::parse("2001:db8:1::1");
inline const net::IpAddress kServer6 = *net::IpAddress::parse("2001:db8:2::1");

// What sockets tell about silent ends, kept.
struct Told final : observation::SilentEnds {
  struct End {
    net::FlowKey flow;
    telemetry::Reason reason = telemetry::Reason::none;
  };
  void refused_locally(const net::FlowKey& flow, Instant) override {
    ends.push_back({flow, telemetry::Reason::address_not_available});
  }
  void ended_silently(const net::FlowKey& flow, telemetry::Reason reason, Instant) override {
    ends.push_back({flow, reason});
  }
  std::vector<End> ends;
};

class KernelHosts {
 public:
  enum class Towards : std::uint8_t { client, server };
  // May change the packet; false: it is lost.
  using Carry = std::function<bool(Towards, std::span<std::uint8_t>, Instant)>;

  KernelHosts();
  // A listener for silent ends of its own, which must outlive the hosts.
  KernelHosts(observation::SilentEnds& client_ends, observation::SilentEnds& server_ends);
  ~KernelHosts();

  KernelSockets& client() { return *client_.sockets; }
  KernelSockets& server() { return *server_.sockets; }
  const NetworkNamespace& client_network() const { return client_.network; }
  const NetworkNamespace& server_network() const { return server_.network; }
  const Told& client_told() const { return client_.told; }

  void set_client_sysctl(const std::string& path, std::string_view value);
  void set_server_sysctl(const std::string& path, std::string_view value);

  // From `begin` on, which may be past by now: what is due then is made up for. The application
  // must outlive the runs.
  void start(workload::Application& application, Instant begin);
  Carry carry;
  // The client's process does nothing meanwhile; its kernel goes on.
  bool client_sleeps = false;

  Instant now() const;
  // Packets that the wire lost by itself: a ring or a device was full.
  std::uint64_t overrun() const;
  // False when `done` did not become true in time.
  bool run_until(const std::function<bool()>& done, Duration limit);

 private:
  struct Side {
    NetworkNamespace network;
    Told told;
    std::unique_ptr<KernelSockets> sockets;
    std::unique_ptr<PacketIo> port;  // in the middle namespace
  };

  void make(Side& side, std::string_view device, const std::vector<net::IpAddress>& addresses,
            observation::SilentEnds& ends);
  void move_packets(Side& from, Side& to, Towards towards);
  void turn();
  Instant next_deadline() const;

  std::int64_t started_ns_;
  NetworkNamespace middle_;
  Side client_;
  Side server_;
  std::vector<workload::Application*> applications_;
};

}  // namespace elblab::live::testing
