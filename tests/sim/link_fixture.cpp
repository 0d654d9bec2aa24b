#include "tests/sim/link_fixture.hpp"

#include "models/net/packet_builder.hpp"
#include "models/net/packet_view.hpp"

namespace elblab::sim::test {

std::vector<std::uint8_t> numbered_packet(End from, std::size_t size, std::uint32_t number) {
  std::vector<std::uint8_t> payload(size - 28);
  net::store32(payload.data(), number);
  std::vector<std::uint8_t> packet(size);
  net::IpFields ip;
  ip.source = from == End::first ? kHostAddress : kFarAddress;
  ip.destination = from == End::first ? kFarAddress : kHostAddress;
  net::build_udp(packet, ip, 4000, 5000, payload);
  return packet;
}

std::uint32_t number_of(std::span<const std::uint8_t> packet) {
  return net::load32(packet.data() + 28);
}

LinkFixture::LinkFixture(const language::Link& parameters, std::uint64_t seed)
    : host_(ns3::CreateObject<ns3::Node>()),
      balancer_(ns3::CreateObject<ns3::Node>()),
      topology_(balancer_) {
  LinkOptions options;
  options.name = "c1";
  options.object = 7;
  options.loss = parameters.loss;
  options.jitter = parameters.jitter;
  link_ = std::make_unique<Link>(options, random::Stream(seed, "link/c1"), recorder_);
  topology_.connect(*link_, host_, {kHostAddress}, parameters);
  link_->attach(End::first, at(End::first));
  link_->attach(End::second, at(End::second));
}

void LinkFixture::at_time(Duration at, std::function<void()> action) {
  ns3::Simulator::Schedule(to_ns3(at), std::move(action));
}

void LinkFixture::send_at(Duration at, End from, std::size_t size, std::uint32_t number) {
  at_time(at, [=, this] { link_->send(from, numbered_packet(from, size, number)); });
}

void LinkFixture::run_until(Duration end) {
  ns3::Simulator::Stop(to_ns3(end - now().time_since_epoch()));
  ns3::Simulator::Run();
}

void LinkFixture::resolve_neighbours() {
  send_at(Duration{0}, End::first, 100, 0);
  send_at(std::chrono::milliseconds(200), End::second, 100, 0);
  run_until(std::chrono::milliseconds(900));
  for (const End end : {End::first, End::second}) at(end).arrivals.clear();
}

std::uint64_t LinkFixture::dropped_for(telemetry::Reason reason) const {
  std::uint64_t count = 0;
  for (const telemetry::Event& event : recorder_.events) count += event.reason == reason ? 1 : 0;
  return count;
}

}  // namespace elblab::sim::test
