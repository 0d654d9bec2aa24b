#include "pcap/replay/engine.hpp"

#include <algorithm>
#include <functional>

#include "worlds/probes.hpp"

namespace elblab::replay {
namespace {

std::vector<network::Route> or_everywhere(std::vector<network::Route> routes) {
  if (!routes.empty()) return routes;
  return {{*net::Subnet::parse("0.0.0.0/0"), 0}, {*net::Subnet::parse("::/0"), 0}};
}

worlds::Wiring wiring_of(const Engine::Options& options) {
  std::vector<network::Route> routes = or_everywhere(options.routes);
  const language::Scenario* const scenario = options.surroundings;
  if (scenario == nullptr || !worlds::NetworkFilters::any_in(*scenario)) {
    return worlds::Wiring::single(std::move(routes));
  }
  return worlds::Wiring::single_around(std::move(routes), *scenario);
}

bool lies_in(std::span<const std::uint8_t> whole, const std::uint8_t* at) {
  const std::less<const std::uint8_t*> before;
  return !before(at, whole.data()) && before(at, whole.data() + whole.size());
}

}  // namespace

Engine::Engine(language::Balancers balancers, const Options& options, worlds::Recording& recording,
               const TraceTime& time, pcap::Writer* writer)
    : objects_(worlds::register_network(balancers, recording)),
      network_(balancers, wiring_of(options), options.seed, objects_, recording),
      fabric_(network_.fabric()),
      health_(balancers, options.probe_sources, network_, objects_, recording),
      sampler_(recording, options.sample_interval),
      time_(time),
      writer_(writer) {
  fabric_.set_return_path(options.return_path);
  worlds::sample_balancers(sampler_, objects_, network_);
  worlds::sample_network(sampler_, objects_, network_);
  worlds::sample_access(sampler_, objects_, network_);
  add_filters(wiring_of(options), options, recording);
  worlds::sample_filters(sampler_, objects_, network_);
  worlds::sample_groups(sampler_, objects_, network_);
  worlds::sample_health(sampler_, objects_, health_);
}

void Engine::add_filters(const worlds::Wiring& wiring, const Options& options,
                         worlds::Recording& recording) {
  if (wiring.hosts.empty()) return;
  const language::Scenario& scenario = *options.surroundings;
  worlds::register_filters(scenario, recording, objects_);
  network_.set_filters(scenario, wiring, options.seed, objects_);
  for (std::size_t i = 0; i < scenario.hosts.size(); ++i) {
    for (const net::IpAddress& address : scenario.hosts[i].addresses) {
      ports_.insert({address, 0}, wiring.hosts[i].port);
    }
  }
}

network::PortIndex Engine::port_of(const net::PacketView& packet) const {
  const std::uint32_t* const port = ports_.find({packet.source(), 0});
  return port != nullptr ? *port : 0;
}

void Engine::start(Instant at) {
  now_ = at;
  sampler_.start(kStart);
}

void Engine::run_to(Instant at) {
  while (true) {
    const Instant timer = fabric_.next_deadline();
    const Instant probe = health_.next_deadline();
    const Instant sample = next_sample();
    const Instant next = std::min({timer, probe, sample});
    if (next > at) break;
    now_ = std::max(now_, next);
    if (timer == next) {
      fabric_.advance(now_, *this);
    } else if (probe == next) {
      health_.advance(now_);
    } else {
      sampler_.advance(now_);
      ++samples_;
    }
  }
  now_ = std::max(now_, at);
}

void Engine::receive(PacketBatch::Packet& packet) {
  ++packets_received_;
  received_ = &packet;
  if (packet.error == net::ParseError::none) {
    const network::PortIndex port = network_.filters() != nullptr ? port_of(packet.view) : 0;
    fabric_.receive(port, packet.view, packet.bytes.size(), packet.lookup, now_, *this);
  } else {
    fabric_.receive(0, packet.bytes, now_, *this);
  }
  received_ = nullptr;
}

bool Engine::take_probe(const PacketBatch::Packet& packet) {
  return packet.error == net::ParseError::none && health_.take(packet.view, packet.captured, now_);
}

void Engine::finish(Instant at) {
  sampler_.finish(at);
  fabric_.finish(at);
}

void Engine::send(network::PortIndex, std::span<const std::uint8_t> packet) {
  ++packets_sent_;
  bytes_sent_ += packet.size();
  if (writer_ == nullptr) return;
  std::size_t held = packet.size();
  if (received_ != nullptr && lies_in(received_->bytes, packet.data())) {
    held = std::min(held, received_->captured);  // the rest was filled up
  }
  writer_->write_at(time_.in_capture(now_), packet.first(held),
                    static_cast<std::uint32_t>(packet.size()));
}

}  // namespace elblab::replay
