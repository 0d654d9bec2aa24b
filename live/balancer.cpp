#include "live/balancer.hpp"

#include <algorithm>
#include <utility>

#include "worlds/packet_balance.hpp"

namespace elblab::live {

Balancer::Balancer(forwarding::Cluster cluster, std::vector<std::unique_ptr<Port>> ports)
    : cluster_(std::move(cluster)), ports_(std::move(ports)) {
  batch_.reserve(kPortion);
}

void Balancer::log_to(worlds::PacketLog* log) {
  log_ = log;
  for (const auto& port : ports_) port->log_to(log);
}

bool Balancer::serve(std::size_t port, Instant now) {
  now_ = now;
  batch_.clear();
  const bool more = ports_[port]->take(kPortion, now, batch_);
  forward_batch(now);
  flush();
  return more;
}

Instant Balancer::next_deadline() const {
  Instant next = cluster_.next_deadline();
  for (const auto& port : ports_) next = std::min(next, port->next_deadline());
  return next;
}

void Balancer::advance(Instant now) {
  now_ = now;
  for (const auto& port : ports_) {
    if (port->next_deadline() > now) continue;
    batch_.clear();
    port->release(now, batch_);
    forward_batch(now);
  }
  if (cluster_.next_deadline() <= now) cluster_.advance(now, *this);
  flush();
}

void Balancer::forward_batch(Instant now) {
  if (log_ == nullptr) {
    if (!batch_.empty()) cluster_.receive_batch(batch_, now, *this);
    return;
  }
  // One by one, so that what comes out follows what went in.
  for (const std::span<std::uint8_t> packet : batch_) {
    log_->received_by_balancer(packet, now);
    cluster_.receive(packet, now, *this);
  }
}

void Balancer::send(forwarding::PortIndex port, std::span<const std::uint8_t> packet) {
  if (log_ != nullptr) log_->sent_by_balancer(packet, now_);
  ports_[port]->send(packet, now_);
}

void Balancer::flush() {
  for (const auto& port : ports_) port->flush();
}

std::optional<std::string> Balancer::conservation_problem() const {
  std::uint64_t delivered = 0;
  std::uint64_t sent = 0;
  for (const auto& port : ports_) {
    if (auto problem = port->conservation_problem()) return problem;
    delivered += port->to_balancer().left;
    sent += port->to_host().entered;
  }
  return worlds::imbalance_of(cluster_.counters(), delivered, sent);
}

}  // namespace elblab::live
