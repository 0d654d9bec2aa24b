#include "worlds/health/management_host.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "models/contract/require.hpp"
#include "models/net/icmp.hpp"
#include "models/net/packet_builder.hpp"

namespace elblab::worlds {
namespace {

constexpr std::size_t kEchoBytes = 64;

// The part of `count` numbers that is of one share: equal ones, the last takes what is left.
std::uint32_t part_begin(std::uint32_t count, unsigned share, unsigned shares) {
  return share * (count / shares);
}

host::HostOptions with_own_ports(host::HostOptions options, unsigned share, unsigned shares) {
  host::Sysctls& sysctls = options.sysctls;
  const auto low = static_cast<std::uint32_t>(sysctls.ip_local_port_range_low);
  const auto count = static_cast<std::uint32_t>(sysctls.ip_local_port_range_high) - low + 1;
  ELBLAB_REQUIRE(share < shares && shares <= count, "each of those that share has a port");
  sysctls.ip_local_port_range_low = low + part_begin(count, share, shares);
  if (share + 1 < shares) {
    sysctls.ip_local_port_range_high = low + part_begin(count, share + 1, shares) - 1;
  }
  return options;
}

}  // namespace

// While the Fabric calls, what the host sends goes to it.
class ManagementHost::Turn {
 public:
  Turn(ManagementHost& host, network::NodeOutput& out)
      : host_(host), before_(std::exchange(host.out_, &out)) {}
  ~Turn() {
    host_.applications_.settle();
    host_.out_ = before_;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  ManagementHost& host_;
  network::NodeOutput* before_;
};

ManagementHost::ManagementHost(ManagementHostOptions options, const random::Stream& stream,
                               telemetry::Recorder& recorder)
    : place_(options.place),
      share_(options.share),
      shares_(options.shares),
      first_port_(static_cast<std::uint16_t>(options.host.sysctls.ip_local_port_range_low)),
      last_port_(static_cast<std::uint16_t>(options.host.sysctls.ip_local_port_range_high)),
      host_(with_own_ports(std::move(options.host), options.share, options.shares), stream,
            recorder, *this) {}

void ManagementHost::add(workload::Application& application) {
  applications_.add(application);
  started_.push_back(&application);
}

void ManagementHost::start(Instant now) {
  for (workload::Application* application : started_) application->start(now);
  applications_.all_moved();
  applications_.settle();
}

bool ManagementHost::send_echo(const net::IpAddress& to, std::uint16_t number, Instant) {
  for (const net::IpAddress& own : host_.options().addresses) {
    if (own.is_v4() != to.is_v4()) continue;
    std::array<std::uint8_t, kEchoBytes + 64> packet{};
    const std::array<std::uint8_t, kEchoBytes> body{};
    net::IpFields ip;
    ip.source = own;
    ip.destination = to;
    const std::uint8_t type =
        to.is_v4() ? net::icmp_type::echo_request : net::icmp_type::v6_echo_request;
    const std::uint32_t rest = std::uint32_t{echo_identifier()} << 16 | number;
    const std::size_t size = net::build_icmp(packet, ip, type, 0, rest, body);
    send({packet.data(), size});
    return true;
  }
  return false;
}

std::uint16_t ManagementHost::echo_identifier() const {
  return static_cast<std::uint16_t>(first_port_ +
                                    part_begin(last_port_ - first_port_ + 1u, share_, shares_));
}

unsigned ManagementHost::share_of(std::uint16_t port) const {
  if (port < first_port_ || port > last_port_) return 0;
  const std::uint32_t width = (last_port_ - first_port_ + 1u) / shares_;
  return std::min((port - first_port_) / width, shares_ - 1);
}

network::Claim ManagementHost::claim(const net::PacketView& packet) const {
  network::Claim claim;
  claim.flow = packet.flow();
  claim.place = place_;
  const auto& own = host_.options().addresses;
  if (std::find(own.begin(), own.end(), packet.destination()) == own.end()) return claim;
  unsigned share = 0;
  if (packet.has_ports()) {
    share = share_of(packet.destination_port());
  } else if (const auto echo = net::echo_of(packet)) {
    if (!echo->request) share = share_of(echo->identifier);
  } else if (const auto quoted_echo = net::quoted_echo(packet)) {
    share = share_of(quoted_echo->identifier);
  } else if (const auto quoted = net::quoted_flow(packet)) {
    share = share_of(quoted->source.port);
  }
  if (share == share_) claim.kind = network::Claim::Kind::certain;
  return claim;
}

bool ManagementHost::receive(net::PacketView& packet, std::size_t, const network::Claim&,
                             Instant now, network::NodeOutput& out) {
  const Turn turn(*this, out);
  ++packets_in_;
  bytes_in_ += packet.bytes().size();
  if (!up_) return true;
  const auto echo = net::echo_of(packet);
  if (echo && !echo->request && echo_reply_ && echo->identifier == echo_identifier() &&
      packet.ip_checksum_ok() && packet.transport_checksum_ok()) {
    const std::span<const std::uint8_t> message =
        packet.transport();  // at least 8 bytes: it is an echo
    echo_reply_(packet.source(), static_cast<std::uint16_t>(message[6] << 8 | message[7]), now);
    return true;
  }
  host_.receive(packet.bytes(), now);
  return true;
}

Instant ManagementHost::next_deadline() const {
  if (!up_) return kNever;
  if (!outbox_.empty()) return kStart;  // at once
  return std::min(host_.next_deadline(), applications_.earliest());
}

void ManagementHost::advance(Instant now, network::NodeOutput& out) {
  const Turn turn(*this, out);
  for (const auto& packet : std::exchange(outbox_, {})) send(packet);
  if (host_.next_deadline() <= now) host_.advance(now);
  applications_.advance_due(now);
}

void ManagementHost::send(std::span<const std::uint8_t> packet) {
  if (out_ == nullptr) {
    outbox_.emplace_back(packet.begin(), packet.end());
    return;
  }
  ++packets_out_;
  bytes_out_ += packet.size();
  out_->send(packet, network::Origin::made);
}

// All that it is given ends here, and all that it sends begins here.
network::NodeCounts ManagementHost::counts() const {
  return {packets_in_, packets_out_, packets_out_, 0, true};
}

}  // namespace elblab::worlds
