// Namespaces and veth links against the kernel's own view of them.
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "live/network/link_readiness.hpp"
#include "live/network/namespace_name.hpp"
#include "live/network/network_namespace.hpp"
#include "live/network/proc_sys.hpp"
#include "live/network/veth_link.hpp"
#include "tests/live/needs_privileges.hpp"

namespace elblab::live {
namespace {

BOOST_TEST_GLOBAL_FIXTURE(NeedsPrivileges);

net::IpAddress address(const char* text) { return *net::IpAddress::parse(text); }

ino_t current_namespace() {
  struct stat status {};
  stat("/proc/thread-self/ns/net", &status);
  return status.st_ino;
}

bool named_file_exists(const std::string& name) {
  return std::filesystem::exists(std::string(kNamespaceDirectory) + "/" + name);
}

std::set<std::string> addresses_of(const std::string& device) {
  ifaddrs* list = nullptr;
  BOOST_REQUIRE(getifaddrs(&list) == 0);
  std::set<std::string> result;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || device != entry->ifa_name) continue;
    char text[INET6_ADDRSTRLEN] = {};
    const int family = entry->ifa_addr->sa_family;
    if (family == AF_INET) {
      const auto* v4 = reinterpret_cast<const sockaddr_in*>(entry->ifa_addr);
      inet_ntop(family, &v4->sin_addr, text, sizeof text);
    } else if (family == AF_INET6) {
      const auto* v6 = reinterpret_cast<const sockaddr_in6*>(entry->ifa_addr);
      inet_ntop(family, &v6->sin6_addr, text, sizeof text);
    } else {
      continue;
    }
    result.insert(text);
  }
  freeifaddrs(list);
  return result;
}

std::uint32_t ethtool_value_of(const std::string& device, std::uint32_t command) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ethtool_value value{.cmd = command, .data = 99};
  ifreq request{};
  std::strncpy(request.ifr_name, device.c_str(), IFNAMSIZ - 1);
  request.ifr_data = reinterpret_cast<char*>(&value);
  BOOST_REQUIRE(ioctl(socket.get(), SIOCETHTOOL, &request) == 0);
  return value.data;
}

// The hardware header and bytes of the next packet that a device receives.
std::vector<std::uint8_t> next_frame(int packet_socket) {
  pollfd entry{.fd = packet_socket, .events = POLLIN, .revents = 0};
  BOOST_REQUIRE(poll(&entry, 1, 5000) == 1);
  std::vector<std::uint8_t> frame(2048);
  const ssize_t size = recv(packet_socket, frame.data(), frame.size(), 0);
  BOOST_REQUIRE(size > 0);
  frame.resize(static_cast<std::size_t>(size));
  return frame;
}

FileDescriptor packet_socket(const std::string& device) {
  FileDescriptor socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  BOOST_REQUIRE(socket.open());
  sockaddr_ll here{};
  here.sll_family = AF_PACKET;
  here.sll_protocol = htons(0x0003);  // ETH_P_ALL
  here.sll_ifindex = static_cast<int>(if_nametoindex(device.c_str()));
  BOOST_REQUIRE(bind(socket.get(), reinterpret_cast<sockaddr*>(&here), sizeof here) == 0);
  return socket;
}

// Addresses of the namespace's local IPv6 routes, as hexadecimal digits: what it takes packets for.
std::set<std::string> local_ipv6_routes() {
  constexpr unsigned long kLocal = 0x80000000;  // RTF_LOCAL, linux/ipv6_route.h
  std::ifstream file("/proc/thread-self/net/ipv6_route");
  std::set<std::string> result;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string destination, skipped, flags;
    fields >> destination;
    for (int field = 0; field < 7; ++field) fields >> skipped;
    fields >> flags;
    if ((std::stoul(flags, nullptr, 16) & kLocal) != 0) result.insert(destination);
  }
  return result;
}

struct HostAndBalancer {
  HostAndBalancer() {
    host = must(NetworkNamespace::make_named("host"));
    balancer = must(NetworkNamespace::make_named("balancer"));
  }
  NetworkNamespace host, balancer;
};

const VethLinkPlan kPlan{.host_device = "eth0",
                         .balancer_device = "to-host",
                         .addresses = {{address("10.1.0.5"), 0},
                                       {address("10.1.0.6"), 0},
                                       {address("192.0.2.9"), 24},
                                       {address("2001:db8::5"), 0},
                                       {address("2001:db8:1::6"), 64}},
                         .mtu = 1500};

BOOST_AUTO_TEST_SUITE(network_namespace)

BOOST_AUTO_TEST_CASE(a_named_namespace_stands_in_run_netns_as_long_as_its_object) {
  std::string name;
  {
    const NetworkNamespace made = must(NetworkNamespace::make_named("client 1/α"));
    name = made.name();
    BOOST_TEST(name == namespace_name(this_process(), "client 1/α"));
    BOOST_TEST(name.find_first_of("/ ") == std::string::npos);
    struct stat file {
    }, held{};
    BOOST_TEST(stat((std::string(kNamespaceDirectory) + "/" + name).c_str(), &file) == 0);
    BOOST_TEST(fstat(made.descriptor(), &held) == 0);
    BOOST_TEST(file.st_ino == held.st_ino);
  }
  BOOST_TEST(!named_file_exists(name));
}

BOOST_AUTO_TEST_CASE(a_name_says_who_made_it) {
  const ProcessIdentity owner{.pid = 4711, .start_time = 123456789};
  BOOST_TEST(namespace_name(owner, "c1") == "elblab-4711-123456789-c1");
  BOOST_TEST((namespace_owner("elblab-4711-123456789-c1") == owner));
  BOOST_TEST((namespace_owner("elblab-4711-123456789-a-b-3") == owner));
  for (const char* foreign :
       {"", "elblab", "elblab-", "elblab-1-2", "elblab-1-2-", "elblab-x-2-c", "elblab-1-x-c",
        "elblab--1-2-c", "elblab-0-2-c", "docker-1-2-c", "elblab-99999999999999999999-2-c"}) {
    BOOST_TEST(!namespace_owner(foreign), foreign);
  }
}

BOOST_AUTO_TEST_CASE(the_same_name_twice_is_refused_and_leaves_the_first_alone) {
  const NetworkNamespace first = must(NetworkNamespace::make_named("twice"));
  const auto second = NetworkNamespace::make_named("twice");
  BOOST_TEST(message_of(second).find("File exists") != std::string::npos);
  BOOST_TEST(named_file_exists(first.name()));
}

BOOST_AUTO_TEST_CASE(scopes_nest_and_lead_back) {
  const ino_t outside = current_namespace();
  const NetworkNamespace a = must(NetworkNamespace::make_unnamed());
  const NetworkNamespace b = must(NetworkNamespace::make_unnamed());
  BOOST_TEST(current_namespace() == outside);
  {
    const NamespaceScope in_a(a);
    const ino_t inside_a = current_namespace();
    BOOST_TEST(inside_a != outside);
    {
      const NamespaceScope in_b(b);
      BOOST_TEST(current_namespace() != outside);
      BOOST_TEST(current_namespace() != inside_a);
      const NamespaceScope in_b_again(b);
    }
    BOOST_TEST(current_namespace() == inside_a);
  }
  BOOST_TEST(current_namespace() == outside);
  must(a.enter());
  must(b.enter());
  must(enter_own_namespace());
  BOOST_TEST(current_namespace() == outside);
}

BOOST_AUTO_TEST_CASE(each_thread_has_its_own_place) {
  const ino_t outside = current_namespace();
  const NetworkNamespace made = must(NetworkNamespace::make_unnamed());
  const NamespaceScope scope(made);
  ino_t of_thread = 0;
  ino_t back = 0;
  std::thread([&] {
    static_cast<void>(made.enter());
    of_thread = current_namespace();
    static_cast<void>(enter_own_namespace());
    back = current_namespace();
  }).join();
  BOOST_TEST(of_thread == current_namespace());
  BOOST_TEST(of_thread != outside);
  BOOST_TEST(back == current_namespace());  // where the thread was started
}

BOOST_AUTO_TEST_CASE(a_namespace_that_goes_while_the_thread_is_in_it_lets_the_thread_out) {
  const ino_t outside = current_namespace();
  {
    const NetworkNamespace made = must(NetworkNamespace::make_unnamed());
    must(made.enter());
    BOOST_TEST(current_namespace() != outside);
  }
  BOOST_TEST(current_namespace() == outside);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(veth_link)

BOOST_FIXTURE_TEST_CASE(the_host_has_all_its_addresses_and_the_balancer_none, HostAndBalancer) {
  must(make_veth_link(host, balancer, kPlan));
  {
    const NamespaceScope scope(host);
    const std::set<std::string> expected{"10.1.0.5", "10.1.0.6", "192.0.2.9", "2001:db8::5",
                                         "2001:db8:1::6"};
    BOOST_TEST(addresses_of("eth0") == expected, boost::test_tools::per_element());
    BOOST_TEST(addresses_of("lo").contains("127.0.0.1"));
  }
  const NamespaceScope scope(balancer);
  BOOST_TEST(addresses_of("to-host").empty());
}

// The kernel makes them in the background: packets that come earlier would be lost.
BOOST_FIXTURE_TEST_CASE(ipv6_addresses_take_packets_as_soon_as_the_link_is_made, HostAndBalancer) {
  must(make_veth_link(host, balancer, kPlan));
  const NamespaceScope scope(host);
  const auto routes = local_ipv6_routes();
  BOOST_TEST(routes.contains("20010db8000000000000000000000005"));
  BOOST_TEST(routes.contains("20010db8000100000000000000000006"));
}

// As when the kernel had no room to announce it.
BOOST_FIXTURE_TEST_CASE(a_link_that_came_up_unheard_is_asked_for, HostAndBalancer) {
  must(make_veth_link(host, balancer, kPlan));
  const NamespaceScope scope(host);
  LinkReadiness late;
  must(late.listen("eth0", {address("2001:db8::5"), address("2001:db8:1::6")}));
  must(late.wait(std::chrono::seconds(20)));
  LinkReadiness in_vain;
  must(in_vain.listen("eth0", {address("2001:db8::7")}));
  BOOST_TEST(!in_vain.wait(std::chrono::milliseconds(10)).has_value());
}

BOOST_FIXTURE_TEST_CASE(both_ends_are_without_offloads, HostAndBalancer) {
  must(make_veth_link(host, balancer, kPlan));
  for (const auto& [where, device] : {std::pair(&host, "eth0"), std::pair(&balancer, "to-host")}) {
    const NamespaceScope scope(*where);
    for (const std::uint32_t command :
         {ETHTOOL_GTXCSUM, ETHTOOL_GRXCSUM, ETHTOOL_GTSO, ETHTOOL_GGSO, ETHTOOL_GGRO}) {
      BOOST_TEST(ethtool_value_of(device, command) == 0u, device << " command " << command);
    }
  }
}

// What comes first out of a link that has just been made is the host's own datagram: no packet is
// lost while the link comes up, and the kernel sends nothing of its own accord.
void first_frame_is_the_datagram(const net::IpAddress& destination, std::uint16_t ethertype,
                                 const net::IpAddress& expected_source) {
  const NetworkNamespace host = must(NetworkNamespace::make_named("host"));
  const NetworkNamespace balancer = must(NetworkNamespace::make_named("balancer"));
  const HardwareAddress hardware = must(make_veth_link(host, balancer, kPlan));
  must(balancer.enter());
  const FileDescriptor tap = packet_socket("to-host");
  must(host.enter());
  const int family = destination.is_v4() ? AF_INET : AF_INET6;
  const FileDescriptor udp(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_storage to{};
  socklen_t size = 0;
  if (destination.is_v4()) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(to);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(5000);
    std::memcpy(&v4.sin_addr, destination.wire_bytes(), 4);
    size = sizeof v4;
  } else {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(to);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(5000);
    std::memcpy(&v6.sin6_addr, destination.wire_bytes(), 16);
    size = sizeof v6;
  }
  BOOST_TEST(sendto(udp.get(), "hello", 5, 0, reinterpret_cast<sockaddr*>(&to), size) == 5);
  const auto frame = next_frame(tap.get());
  BOOST_REQUIRE(frame.size() >= 14u + 20u + 8u + 5u);
  BOOST_TEST(std::memcmp(frame.data(), hardware.data(), 6) == 0);
  BOOST_TEST((frame[12] << 8 | frame[13]) == ethertype);
  BOOST_TEST(std::memcmp(frame.data() + frame.size() - 5, "hello", 5) == 0);
  const std::size_t source_offset = 14 + (destination.is_v4() ? 12u : 8u);
  BOOST_TEST(std::memcmp(frame.data() + source_offset, expected_source.wire_bytes(),
                         destination.is_v4() ? 4 : 16) == 0);
  must(enter_own_namespace());
}

BOOST_AUTO_TEST_CASE(the_first_packet_of_a_new_link_is_not_lost) {
  first_frame_is_the_datagram(address("203.0.113.7"), 0x0800, address("10.1.0.5"));
}

BOOST_AUTO_TEST_CASE(ipv6_needs_no_neighbour_and_sends_nothing_of_its_own) {
  first_frame_is_the_datagram(address("2001:db8:ffff::7"), 0x86DD, address("2001:db8::5"));
}

BOOST_FIXTURE_TEST_CASE(a_host_without_ipv6_address_has_no_ipv6, HostAndBalancer) {
  VethLinkPlan plan = kPlan;
  plan.addresses = {{address("10.1.0.5"), 0}};
  must(make_veth_link(host, balancer, plan));
  const NamespaceScope scope(host);
  BOOST_TEST(must(read_proc_sys("net/ipv6/conf/eth0/disable_ipv6")) == "1");
}

BOOST_FIXTURE_TEST_CASE(a_plan_that_cannot_be_is_answered_with_its_reason, HostAndBalancer) {
  VethLinkPlan plan = kPlan;
  plan.balancer_device = "a-name-of-16-chars";
  BOOST_TEST(message_of(make_veth_link(host, balancer, plan)) ==
             "network device 'a-name-of-16-chars': a name has 1 to 15 characters");
  plan = kPlan;
  plan.addresses.clear();
  BOOST_TEST(!make_veth_link(host, balancer, plan).has_value());
  plan = kPlan;
  plan.addresses = {{address("10.1.0.5"), 0}, {address("10.1.0.5"), 0}};
  BOOST_TEST(message_of(make_veth_link(host, balancer, plan)) ==
             "giving eth0 the address 10.1.0.5: File exists");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::live
