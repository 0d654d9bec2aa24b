#include "scenarios/random/hiding.hpp"

namespace elblab::random_scenarios {

Hide hiding_of(HiddenCause cause) {
  switch (cause) {
    case HiddenCause::client_ports:
      return hide_client_ports;
    case HiddenCause::bandwidth:
      return hide_bandwidth;
    case HiddenCause::accept_queue:
      return hide_accept_queue;
    case HiddenCause::server_cpu:
      return hide_server_cpu;
    case HiddenCause::balancer_ports:
      return hide_balancer_ports;
    case HiddenCause::uneven_weights:
      return hide_uneven_weights;
    case HiddenCause::packet_loss:
      return hide_packet_loss;
  }
  return nullptr;
}

}  // namespace elblab::random_scenarios
