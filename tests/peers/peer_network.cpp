#include "tests/peers/peer_network.hpp"

#include <sys/resource.h>

#include "live/network/network_device.hpp"
#include "tests/must.hpp"

namespace elblab::peers {
namespace {

// A connection through a peer takes two descriptors here and two there.
void allow_many_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = 4096;
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

PeerNetwork::PeerNetwork() {
  allow_many_descriptors();
  network_ = must(live::NetworkNamespace::make_unnamed());
  must(network_.enter());
  must(live::bring_up("lo", live::Arp::on));
}

PeerNetwork::~PeerNetwork() { static_cast<void>(live::enter_own_namespace()); }

}  // namespace elblab::peers
