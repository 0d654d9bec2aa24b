#include "tests/fidelity/veth_link.hpp"

#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>

#include "tests/fidelity/rtnetlink.hpp"

namespace elblab::fidelity {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void write_file(const std::string& path, const std::string& value) {
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.open() || write(file.get(), value.data(), value.size()) < 0) fail(path);
}

// Without privileges the process becomes root of a user namespace of its own, if the machine
// allows that (user_namespaces(7)); the network namespaces made in it are then its own.
void become_root_of_own_namespace() {
  if (geteuid() == 0) return;
  const std::string user = std::to_string(geteuid());
  const std::string group = std::to_string(getegid());
  if (unshare(CLONE_NEWUSER) != 0) fail("not root, and unshare(CLONE_NEWUSER)");
  write_file("/proc/self/setgroups", "deny");
  write_file("/proc/self/uid_map", "0 " + user + " 1");
  write_file("/proc/self/gid_map", "0 " + group + " 1");
}

FileDescriptor new_namespace() {
  if (unshare(CLONE_NEWNET) != 0) fail("unshare(CLONE_NEWNET)");
  FileDescriptor descriptor(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!descriptor.open()) fail("/proc/thread-self/ns/net");
  return descriptor;
}

// ioctl()s on one network device of the current namespace; netdevice(7).
class Device {
 public:
  explicit Device(const char* name)
      : name_(name), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    if (!socket_.open()) fail("socket");
  }

  void bring_up(short extra_flags = 0) {
    ifreq request = named();
    call(SIOCGIFFLAGS, request, "SIOCGIFFLAGS");
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP | extra_flags);
    call(SIOCSIFFLAGS, request, "SIOCSIFFLAGS");
  }
  void set_address(unsigned long command, std::uint32_t host_order) {
    ifreq request = named();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(host_order);
    std::memcpy(&request.ifr_addr, &address, sizeof address);
    call(command, request, "setting an address");
  }
  void hardware_address(std::uint8_t* out) {
    ifreq request = named();
    call(SIOCGIFHWADDR, request, "SIOCGIFHWADDR");
    std::memcpy(out, request.ifr_hwaddr.sa_data, 6);
  }
  // Offloads would leave checksums to hardware that is not there, and segments unsplit.
  void disable_offloads() {
    for (const std::uint32_t command :
         {ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO, ETHTOOL_STXCSUM}) {
      ethtool_value value{.cmd = command, .data = 0};
      ifreq request = named();
      request.ifr_data = reinterpret_cast<char*>(&value);
      call(SIOCETHTOOL, request, "SIOCETHTOOL");
    }
  }

 private:
  ifreq named() const {
    ifreq request{};
    std::strncpy(request.ifr_name, name_, IFNAMSIZ - 1);
    return request;
  }
  void call(unsigned long command, ifreq& request, const char* what) {
    if (ioctl(socket_.get(), command, &request) != 0) fail(what);
  }

  const char* name_;
  FileDescriptor socket_;
};

void disable_ipv6() {
  // A kernel without IPv6 has no such file, and needs none.
  std::ofstream file("/proc/sys/net/ipv6/conf/all/disable_ipv6");
  file << 1;
}

}  // namespace

VethLink::VethLink(const net::IpAddress& host_address, unsigned prefix_length) {
  become_root_of_own_namespace();
  peer_namespace_ = new_namespace();
  disable_ipv6();
  host_namespace_ = new_namespace();
  disable_ipv6();
  make_veth_pair(kHostDevice, kPeerDevice, peer_namespace_.get());
  prepare_host(host_address, prefix_length);
  enter_peer();
  prepare_peer();
  enter_host();
}

void VethLink::prepare_host(const net::IpAddress& address, unsigned prefix_length) {
  write_sysctl("net/ipv4/conf/all/rp_filter", "0");
  write_sysctl("net/ipv4/conf/default/rp_filter", "0");
  write_sysctl("net/ipv4/conf/host0/rp_filter", "0");
  Device("lo").bring_up();
  Device host(kHostDevice);
  host.disable_offloads();
  host.set_address(SIOCSIFADDR, address.v4_value());
  host.set_address(SIOCSIFNETMASK, ~std::uint32_t{0} << (32 - prefix_length));
  // Without ARP every address of the subnet is a neighbour at once.
  host.bring_up(IFF_NOARP);
  host.hardware_address(host_hardware_);
}

void VethLink::prepare_peer() {
  Device peer(kPeerDevice);
  peer.disable_offloads();
  peer.bring_up(IFF_NOARP);
}

void VethLink::enter_host() {
  if (setns(host_namespace_.get(), CLONE_NEWNET) != 0) fail("setns");
}

void VethLink::enter_peer() {
  if (setns(peer_namespace_.get(), CLONE_NEWNET) != 0) fail("setns");
}

std::string namespaces_refused() {
  int channel[2];
  if (pipe(channel) != 0) return std::strerror(errno);
  const FileDescriptor read_end(channel[0]);
  FileDescriptor write_end(channel[1]);
  const pid_t child = fork();
  if (child < 0) return std::strerror(errno);
  if (child == 0) {
    try {
      const VethLink link(net::IpAddress::v4(10, 9, 0, 1), 8);
    } catch (const std::exception& error) {
      const std::string_view text = error.what();
      [[maybe_unused]] const auto written = write(channel[1], text.data(), text.size());
    }
    _exit(0);
  }
  write_end.reset();
  std::string reason;
  char text[256];
  for (ssize_t n = 0; (n = read(read_end.get(), text, sizeof text)) > 0;) {
    reason.append(text, static_cast<std::size_t>(n));
  }
  waitpid(child, nullptr, 0);
  return reason;
}

void write_sysctl(const std::string& path, const std::string& value) {
  write_file("/proc/sys/" + path, value);
}

std::string read_sysctl(const std::string& path) {
  std::ifstream file("/proc/sys/" + path);
  if (!file) fail("sysctl " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace elblab::fidelity
