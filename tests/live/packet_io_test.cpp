// Each PacketIo against the kernel's own UDP at the other end of a veth link.
#include "live/packet_io/packet_io.hpp"

#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <sys/socket.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstring>
#include <fstream>
#include <numeric>
#include <sstream>

#include "live/network/veth_link.hpp"
#include "models/net/packet_builder.hpp"
#include "models/net/packet_view.hpp"
#include "tests/live/needs_privileges.hpp"

namespace elblab::live {

std::ostream& operator<<(std::ostream& out, PacketIoKind kind) { return out << to_string(kind); }

namespace {

BOOST_TEST_GLOBAL_FIXTURE(NeedsPrivileges);

namespace data = boost::unit_test::data;

constexpr int kWaitMs = 5000;
constexpr std::uint16_t kPort = 5000;
const net::IpAddress kHost4 = net::IpAddress::v4(10, 0, 0, 1);
const net::IpAddress kHost6 = *net::IpAddress::parse("2001:db8::1");
const net::IpAddress kFar4 = net::IpAddress::v4(203, 0, 113, 9);
const net::IpAddress kFar6 = *net::IpAddress::parse("2001:db8:ffff::9");

const auto kKinds = data::make({PacketIoKind::packet_ring, PacketIoKind::af_xdp});
const auto kFamilies = data::make({4, 6});

using Packet = std::vector<std::uint8_t>;

// A host with kernel sockets on one side, a PacketIo on the other; the thread is in the host.
class Setup {
 public:
  explicit Setup(PacketIoKind kind) {
    host_ = must(NetworkNamespace::make_unnamed());
    balancer_ = must(NetworkNamespace::make_unnamed());
    const VethLinkPlan plan{.host_device = "eth0",
                            .balancer_device = "to-host",
                            .addresses = {{kHost4, 0}, {kHost6, 0}},
                            .mtu = 1500};
    hardware_ = must(make_veth_link(host_, balancer_, plan));
    must(balancer_.enter());
    io = must(open_packet_io(kind, "to-host", hardware_));
    must(host_.enter());
  }
  ~Setup() {
    io.reset();
    static_cast<void>(enter_own_namespace());
  }

  // Everything that comes until `count` packets have, copied.
  std::vector<Packet> receive(std::size_t count, std::size_t most = 64) {
    std::vector<Packet> packets;
    while (packets.size() < count) {
      const auto batch = io->receive(most);
      BOOST_REQUIRE(batch.size() <= most);
      for (const auto& packet : batch) packets.emplace_back(packet.begin(), packet.end());
      if (batch.empty()) wait_for(io->descriptor());
    }
    return packets;
  }

  static void wait_for(int descriptor) {
    pollfd entry{.fd = descriptor, .events = POLLIN, .revents = 0};
    BOOST_REQUIRE_MESSAGE(poll(&entry, 1, kWaitMs) == 1, "nothing came");
  }

  const HardwareAddress& hardware() const { return hardware_; }

  std::unique_ptr<PacketIo> io;

 private:
  NetworkNamespace host_, balancer_;
  HardwareAddress hardware_{};
};

struct SocketAddress {
  SocketAddress(const net::IpAddress& address, std::uint16_t port) {
    if (address.is_v4()) {
      sockaddr_in v4{};
      v4.sin_family = AF_INET;
      v4.sin_port = htons(port);
      std::memcpy(&v4.sin_addr, address.wire_bytes(), 4);
      std::memcpy(&bytes, &v4, size = sizeof v4);
    } else {
      sockaddr_in6 v6{};
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(port);
      std::memcpy(&v6.sin6_addr, address.wire_bytes(), 16);
      std::memcpy(&bytes, &v6, size = sizeof v6);
    }
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }

  sockaddr_storage bytes{};
  socklen_t size = 0;
};

// A UDP socket of the host, bound to its own port and connected to the far end.
FileDescriptor udp_socket(int family) {
  const bool v4 = family == 4;
  FileDescriptor socket(::socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const int size = 4 * 1024 * 1024;
  BOOST_REQUIRE(setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) == 0);
  const SocketAddress here(v4 ? kHost4 : kHost6, kPort);
  BOOST_REQUIRE(bind(socket.get(), here.get(), here.size) == 0);
  const SocketAddress there(v4 ? kFar4 : kFar6, kPort);
  BOOST_REQUIRE(connect(socket.get(), there.get(), there.size) == 0);
  return socket;
}

// Datagram n: its length and every byte depend on n.
Packet payload(std::size_t n, std::size_t largest) {
  Packet bytes(n * 37 % (largest + 1));
  std::iota(bytes.begin(), bytes.end(), static_cast<std::uint8_t>(n));
  return bytes;
}

std::size_t largest_payload(int family) { return 1500u - 8u - (family == 4 ? 20u : 40u); }

void send_datagrams(int socket, int family, std::size_t count) {
  for (std::size_t n = 0; n < count; ++n) {
    const Packet bytes = payload(n, largest_payload(family));
    BOOST_REQUIRE(send(socket, bytes.data(), bytes.size(), 0) ==
                  static_cast<ssize_t>(bytes.size()));
  }
}

// Built anew by the packet builder, which has tests of its own.
Packet expected_packet(int family, const Packet& bytes, std::uint16_t identification) {
  Packet packet(1500);
  net::IpFields ip;
  ip.source = family == 4 ? kHost4 : kHost6;
  ip.destination = family == 4 ? kFar4 : kFar6;
  ip.identification = identification;
  packet.resize(net::build_udp(packet, ip, kPort, kPort, bytes));
  return packet;
}

Packet packet_to_host(int family, const Packet& bytes) {
  Packet packet(2000);
  net::IpFields ip;
  ip.source = family == 4 ? kFar4 : kFar6;
  ip.destination = family == 4 ? kHost4 : kHost6;
  packet.resize(net::build_udp(packet, ip, kPort, kPort, bytes));
  return packet;
}

// The kernel chooses IPv4's identification and IPv6's flow label: taken over before comparing.
void same_packet(const Packet& seen, int family, std::size_t n) {
  Packet expected = expected_packet(
      family, payload(n, largest_payload(family)),
      family == 4 ? static_cast<std::uint16_t>(seen.at(4) << 8 | seen.at(5)) : std::uint16_t{0});
  if (family == 6) std::copy_n(seen.begin(), 4, expected.begin());
  BOOST_TEST(seen == expected, "datagram " << n);
}

std::uint64_t udp_checksum_errors() {
  std::ifstream file("/proc/thread-self/net/snmp");
  std::string names, values;
  while (std::getline(file, names)) {
    if (!names.starts_with("Udp:")) continue;
    std::getline(file, values);
    std::istringstream name_fields(names), value_fields(values);
    for (std::string name, value; name_fields >> name && value_fields >> value;) {
      if (name == "InCsumErrors") return std::stoull(value);
    }
  }
  return 0;
}

BOOST_AUTO_TEST_SUITE(packet_io)

BOOST_DATA_TEST_CASE(what_the_host_sends_comes_whole_and_in_order, kKinds* kFamilies, kind,
                     family) {
  Setup setup(kind);
  const FileDescriptor socket = udp_socket(family);
  constexpr std::size_t kCount = 500;
  send_datagrams(socket.get(), family, kCount);
  const auto packets = setup.receive(kCount);
  BOOST_REQUIRE(packets.size() == kCount);
  for (std::size_t n = 0; n < kCount; ++n) same_packet(packets[n], family, n);
  BOOST_TEST(setup.io->counters().received == kCount);
  BOOST_TEST(setup.io->counters().dropped_by_ring == 0u);
}

BOOST_DATA_TEST_CASE(the_ring_goes_round_many_times, kKinds, kind) {
  Setup setup(kind);
  const FileDescriptor socket = udp_socket(4);
  for (std::size_t round = 0; round < 50; ++round) {
    send_datagrams(socket.get(), 4, 100);
    const auto packets = setup.receive(100, 7);
    for (std::size_t n = 0; n < 100; ++n) same_packet(packets[n], 4, n);
  }
  BOOST_TEST(setup.io->counters().received == 5000u);
}

BOOST_DATA_TEST_CASE(a_batch_holds_at_most_what_was_asked_for, kKinds, kind) {
  Setup setup(kind);
  const FileDescriptor socket = udp_socket(4);
  send_datagrams(socket.get(), 4, 25);
  Setup::wait_for(setup.io->descriptor());
  BOOST_TEST(setup.io->receive(10).size() == 10u);
  BOOST_TEST(setup.io->receive(0).size() == 0u);
  BOOST_TEST(setup.io->receive(10).size() == 10u);
  BOOST_TEST(setup.io->receive(10).size() == 5u);
  BOOST_TEST(setup.io->receive(10).size() == 0u);
}

BOOST_DATA_TEST_CASE(what_is_sent_reaches_a_kernel_socket_in_order, kKinds* kFamilies, kind,
                     family) {
  Setup setup(kind);
  const FileDescriptor socket = udp_socket(family);
  constexpr std::size_t kCount = 300;  // several times the send queue
  const std::size_t largest = largest_payload(family);
  for (std::size_t n = 0; n < kCount; ++n) {
    setup.io->send(packet_to_host(family, payload(n, largest)));
  }
  setup.io->flush();
  BOOST_TEST(setup.io->counters().sent == kCount);
  for (std::size_t n = 0; n < kCount; ++n) {
    Setup::wait_for(socket.get());
    Packet received(2000);
    const ssize_t size = recv(socket.get(), received.data(), received.size(), 0);
    BOOST_REQUIRE(size >= 0);
    received.resize(static_cast<std::size_t>(size));
    BOOST_TEST(received == payload(n, largest), "datagram " << n);
  }
}

BOOST_DATA_TEST_CASE(the_kernel_checks_the_checksums_of_what_is_sent, kKinds, kind) {
  Setup setup(kind);
  const FileDescriptor socket = udp_socket(4);
  Packet damaged = packet_to_host(4, {1, 2, 3, 4});
  damaged.back() ^= 0xFF;
  setup.io->send(damaged);
  setup.io->send(packet_to_host(4, {9}));
  setup.io->flush();
  Setup::wait_for(socket.get());
  char received[16];
  BOOST_TEST(recv(socket.get(), received, sizeof received, 0) == 1);
  BOOST_TEST(udp_checksum_errors() == 1u);
}

BOOST_DATA_TEST_CASE(packets_may_be_turned_round_in_place, kKinds, kind) {
  Setup setup(kind);
  const FileDescriptor socket = udp_socket(4);
  send_datagrams(socket.get(), 4, 3);
  std::size_t answered = 0;
  while (answered < 3) {
    const auto batch = setup.io->receive(64);
    for (const auto& packet : batch) {
      net::PacketView view;
      BOOST_REQUIRE(net::PacketView::parse(packet, view) == net::ParseError::none);
      const net::FlowKey flow = view.flow();
      view.set_source(flow.destination);
      view.set_destination(flow.source);
      setup.io->send(packet);
      ++answered;
    }
    setup.io->flush();
    if (batch.empty()) Setup::wait_for(setup.io->descriptor());
  }
  for (std::size_t n = 0; n < 3; ++n) {
    Setup::wait_for(socket.get());
    char received[2000];
    BOOST_TEST(recv(socket.get(), received, sizeof received, 0) ==
               static_cast<ssize_t>(payload(n, largest_payload(4)).size()));
  }
}

BOOST_AUTO_TEST_CASE(how_long_a_packet_waited_in_the_ring_is_told) {
  Setup setup(PacketIoKind::packet_ring);
  const FileDescriptor socket = udp_socket(4);
  BOOST_TEST(setup.io->counters().longest_wait.count() == 0);
  using Clock = std::chrono::system_clock;
  const auto before = Clock::now();
  send_datagrams(socket.get(), 4, 1);
  Setup::wait_for(setup.io->descriptor());
  const auto there = Clock::now();
  while (Clock::now() < there + std::chrono::milliseconds(20)) {
  }
  const auto taken = Clock::now();
  setup.receive(1);
  const Duration wait = setup.io->counters().longest_wait;
  BOOST_TEST((wait >= taken - there));
  BOOST_TEST((wait <= Clock::now() - before));
}

BOOST_DATA_TEST_CASE(what_it_sends_itself_does_not_come_back, kKinds, kind) {
  Setup setup(kind);
  const FileDescriptor socket = udp_socket(4);
  setup.io->send(packet_to_host(4, {1}));
  setup.io->flush();
  Setup::wait_for(socket.get());
  send_datagrams(socket.get(), 4, 1);
  same_packet(setup.receive(1)[0], 4, 0);
  BOOST_TEST(setup.io->counters().received == 1u);
}

BOOST_DATA_TEST_CASE(frames_that_are_not_ip_are_passed_over, kKinds, kind) {
  Setup setup(kind);
  const FileDescriptor raw(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(if_nametoindex("eth0"));
  to.sll_halen = 6;
  std::copy_n(setup.hardware().begin(), 6, to.sll_addr);
  const Packet looks_like_ip = expected_packet(4, {1, 2, 3}, 0);
  for (const std::uint16_t ethertype : {0x0806, 0x88CC, 0x8100}) {  // ARP, LLDP, VLAN
    to.sll_protocol = htons(ethertype);
    BOOST_REQUIRE(sendto(raw.get(), looks_like_ip.data(), looks_like_ip.size(), 0,
                         reinterpret_cast<sockaddr*>(&to), sizeof to) > 0);
  }
  const FileDescriptor socket = udp_socket(4);
  send_datagrams(socket.get(), 4, 1);
  same_packet(setup.receive(1)[0], 4, 0);
  BOOST_TEST(setup.io->counters().received == 1u);
}

BOOST_DATA_TEST_CASE(what_finds_the_ring_full_is_counted, kKinds, kind) {
  Setup setup(kind);
  const FileDescriptor socket = udp_socket(4);
  constexpr std::size_t kCount = 6000;
  const Packet bytes(100);
  for (std::size_t n = 0; n < kCount; ++n) {
    BOOST_REQUIRE(send(socket.get(), bytes.data(), bytes.size(), 0) == 100);
  }
  std::size_t received = 0;
  for (auto batch = setup.io->receive(64); !batch.empty(); batch = setup.io->receive(64)) {
    received += batch.size();
  }
  const PacketIoCounters& counters = setup.io->counters();
  BOOST_TEST(received > 500u);
  BOOST_TEST(counters.received == received);
  BOOST_TEST(counters.dropped_by_ring == kCount - received);
  // And it goes on.
  send_datagrams(socket.get(), 4, 1);
  same_packet(setup.receive(1)[0], 4, 0);
}

BOOST_DATA_TEST_CASE(what_the_device_does_not_take_is_counted_and_the_rest_goes, kKinds, kind) {
  Setup setup(kind);
  const FileDescriptor socket = udp_socket(4);
  setup.io->send(packet_to_host(4, {1}));
  setup.io->send(packet_to_host(4, Packet(1600)));  // beyond the MTU
  setup.io->send(Packet(3000, 0x45));               // beyond a slot
  setup.io->send(Packet{});
  setup.io->send(packet_to_host(4, {2, 3}));
  setup.io->flush();
  for (const ssize_t size : {1, 2}) {
    Setup::wait_for(socket.get());
    char received[16];
    BOOST_TEST(recv(socket.get(), received, sizeof received, 0) == size);
  }
  BOOST_TEST(setup.io->counters().sent == 2u);
  BOOST_TEST(setup.io->counters().dropped_by_device == 3u);
}

BOOST_DATA_TEST_CASE(a_device_that_is_not_there_is_named, kKinds, kind) {
  const std::string said = message_of(open_packet_io(kind, "nowhere0", HardwareAddress{}));
  BOOST_TEST(said.find("nowhere0: No such device") != std::string::npos, said);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace elblab::live
