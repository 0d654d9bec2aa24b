#include "sim/cluster_application.hpp"

#include "sim/clock.hpp"

namespace elblab::sim {

ClusterApplication::ClusterApplication(forwarding::Cluster cluster, std::vector<Link*> ports)
    : cluster_(std::move(cluster)),
      ports_(std::move(ports)),
      timer_(this, &LazyTimer::call<&ClusterApplication::advance_due>) {
  for (Link* link : ports_) link->attach(End::balancer, *this);
}

ClusterApplication::~ClusterApplication() = default;

void ClusterApplication::arrive(std::span<std::uint8_t> packet) {
  if (cluster_.next_deadline() <= now()) cluster_.advance(now(), *this);
  if (capture_ != nullptr) capture_->arrived(now(), packet);
  if (log_ != nullptr) log_->received_by_balancer(packet, now());
  cluster_.receive(packet, now(), *this);
  timer_.arm(cluster_.next_deadline());
}

void ClusterApplication::send(forwarding::PortIndex port, std::span<const std::uint8_t> packet) {
  if (capture_ != nullptr) capture_->sent(now(), packet);
  if (log_ != nullptr) log_->sent_by_balancer(packet, now());
  ports_[port]->send(End::balancer, packet);
}

std::optional<std::string> ClusterApplication::close_capture() {
  return capture_ == nullptr ? std::nullopt : capture_->close();
}

void ClusterApplication::advance_due() {
  cluster_.advance(now(), *this);
  timer_.arm(cluster_.next_deadline());
}

}  // namespace elblab::sim
