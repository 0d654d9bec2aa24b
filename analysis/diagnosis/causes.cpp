#include "analysis/diagnosis/causes/causes.hpp"

#include <array>

#include "analysis/diagnosis/cause.hpp"

namespace elblab::diagnosis {

std::span<const Cause* const> causes() {
  static const std::array<const Cause*, 7> kCauses{
      &server_cpu(),     &bandwidth(),   &client_ports(),  &accept_queue(),
      &balancer_ports(), &packet_loss(), &uneven_weights()};
  return kCauses;
}

}  // namespace elblab::diagnosis
