#include "live/balancer.hpp"

#include <algorithm>
#include <utility>

namespace elblab::live {

Balancer::Balancer(network::Fabric& fabric, std::vector<std::unique_ptr<Port>> ports)
    : fabric_(fabric), ports_(std::move(ports)) {
  batch_.reserve(kPortion);
}

void Balancer::log_to(worlds::PacketLog* log) {
  for (const auto& port : ports_) port->log_to(log);
}

bool Balancer::serve(std::size_t port, Instant now) {
  now_ = now;
  batch_.clear();
  const bool more = ports_[port]->take(kPortion, now, batch_);
  forward_batch(static_cast<network::PortIndex>(port), now);
  flush();
  return more;
}

Instant Balancer::next_deadline() const {
  Instant next = fabric_.next_deadline();
  for (const auto& port : ports_) next = std::min(next, port->next_deadline());
  return next;
}

void Balancer::advance(Instant now) {
  now_ = now;
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    if (ports_[i]->next_deadline() > now) continue;
    batch_.clear();
    ports_[i]->release(now, batch_);
    forward_batch(static_cast<network::PortIndex>(i), now);
  }
  if (fabric_.next_deadline() <= now) fabric_.advance(now, *this);
  flush();
}

void Balancer::forward_batch(network::PortIndex from, Instant now) {
  if (!batch_.empty()) fabric_.receive_batch(from, batch_, now, *this);
}

void Balancer::send(network::PortIndex port, std::span<const std::uint8_t> packet) {
  ports_[port]->send(packet, now_);
}

void Balancer::flush() {
  for (const auto& port : ports_) port->flush();
}

std::uint64_t Balancer::packets_delivered() const {
  std::uint64_t sum = 0;
  for (const auto& port : ports_) sum += port->to_balancer().left;
  return sum;
}

std::uint64_t Balancer::packets_taken() const {
  std::uint64_t sum = 0;
  for (const auto& port : ports_) sum += port->to_host().entered;
  return sum;
}

std::optional<std::string> Balancer::conservation_problem() const {
  for (const auto& port : ports_) {
    if (auto problem = port->conservation_problem()) return problem;
  }
  return std::nullopt;
}

}  // namespace elblab::live
