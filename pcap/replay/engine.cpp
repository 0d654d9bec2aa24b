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

bool lies_in(std::span<const std::uint8_t> whole, const std::uint8_t* at) {
  const std::less<const std::uint8_t*> before;
  return !before(at, whole.data()) && before(at, whole.data() + whole.size());
}

}  // namespace

Engine::Engine(language::Balancers balancers, const Options& options,
               worlds::Recording& recording, const TraceTime& time, pcap::Writer* writer)
    : objects_(worlds::register_network(balancers, recording)),
      network_(balancers, worlds::Wiring::single(or_everywhere(options.routes)), options.seed, objects_,
               recording),
      fabric_(network_.fabric()),
      sampler_(recording, options.sample_interval),
      time_(time),
      writer_(writer) {
  fabric_.set_return_path(options.return_path);
  worlds::sample_balancers(sampler_, objects_, network_);
  worlds::sample_network(sampler_, objects_, network_);
}

void Engine::start(Instant at) {
  now_ = at;
  sampler_.start(kStart);
}

void Engine::run_to(Instant at) {
  while (true) {
    const Instant timer = fabric_.next_deadline();
    const Instant sample = next_sample();
    const Instant next = std::min(timer, sample);
    if (next > at) break;
    now_ = std::max(now_, next);
    if (timer <= sample) {
      fabric_.advance(now_, *this);
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
    fabric_.receive(0, packet.view, packet.bytes.size(), packet.lookup, now_, *this);
  } else {
    fabric_.receive(0, packet.bytes, now_, *this);
  }
  received_ = nullptr;
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
