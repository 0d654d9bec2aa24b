#include "sim/cluster_application.hpp"

#include <utility>

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
  cluster_.receive(packet, now(), *this);
  timer_.arm(cluster_.next_deadline());
}

void ClusterApplication::advance_due() {
  cluster_.advance(now(), *this);
  timer_.arm(cluster_.next_deadline());
}

}  // namespace elblab::sim
