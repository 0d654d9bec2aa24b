#include "models/telemetry/decision.hpp"

namespace elblab::telemetry {

// Switches without a default: the compiler refuses to build when an enumerator has no name.
std::string_view to_string(DecisionGround ground) {
  switch (ground) {
    case DecisionGround::nobody_usable:
      return "nobody_usable";
    case DecisionGround::turn:
      return "turn";
    case DecisionGround::least_load:
      return "least_load";
    case DecisionGround::tied_turn:
      return "tied_turn";
    case DecisionGround::table_slot:
      return "table_slot";
    case DecisionGround::connection_id:
      return "connection_id";
    case DecisionGround::stickiness:
      return "stickiness";
    case DecisionGround::count_:
      break;
  }
  return {};
}

std::string_view to_string(ServerOwner owner) {
  switch (owner) {
    case ServerOwner::family:
      return "family";
    case ServerOwner::zone:
      return "zone";
    case ServerOwner::operator_hand:
      return "operator";
    case ServerOwner::health:
      return "health";
    case ServerOwner::membership:
      return "membership";
    case ServerOwner::count_:
      break;
  }
  return {};
}

}  // namespace elblab::telemetry
