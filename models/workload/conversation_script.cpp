#include "models/workload/conversation_script.hpp"

#include <numeric>

namespace elblab::workload {

const char* to_string(ConversationEnd end) {
  switch (end) {
    case ConversationEnd::client_fin:
      return "client FIN";
    case ConversationEnd::client_half_close:
      return "client FIN before the answer";
    case ConversationEnd::client_reset:
      return "client RST";
    case ConversationEnd::server_fin:
      return "server FIN";
    case ConversationEnd::server_reset:
      return "server RST";
    case ConversationEnd::left_open:
      return "left open";
    case ConversationEnd::count_:
      break;
  }
  return "?";
}

const char* to_string(ConversationTally::Difference difference) {
  using Difference = ConversationTally::Difference;
  switch (difference) {
    case Difference::refused_locally:
      return "refused locally, no free port";
    case Difference::refused:
      return "connection refused";
    case Difference::unreachable:
      return "unreachable";
    case Difference::connect_timed_out:
      return "connection not answered";
    case Difference::response_timed_out:
      return "response missing";
    case Difference::reset:
      return "reset in the middle";
    case Difference::closed_early:
      return "closed by the server too early";
    case Difference::never_closed:
      return "not closed by the server";
    case Difference::damaged:
      return "damaged";
    case Difference::no_reply:
      return "datagram not answered";
    case Difference::count_:
      break;
  }
  return "?";
}

std::uint64_t ConversationTally::different() const {
  return std::accumulate(ended_differently.begin(), ended_differently.end(), std::uint64_t{0});
}

}  // namespace elblab::workload
