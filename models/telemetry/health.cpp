#include "models/telemetry/health.hpp"

namespace elblab::telemetry {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::unknown:
      return "unknown";
    case Verdict::healthy:
      return "healthy";
    case Verdict::unhealthy:
      return "unhealthy";
    case Verdict::count_:
      break;
  }
  return "";
}

}  // namespace elblab::telemetry
