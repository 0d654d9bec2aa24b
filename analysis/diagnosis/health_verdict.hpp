// What a judgement on the health of one server comes to: the cause, and what shows it.
#pragma once

#include <string>
#include <vector>

#include "analysis/diagnosis/diagnosis.hpp"
#include "analysis/diagnosis/grid.hpp"
#include "scenarios/language/known_causes.hpp"

namespace elblab::diagnosis {

struct HealthVerdict {
  language::CauseId cause{};
  std::string server;  // "app/b1"
  // Beside the server's name in the title, where the cause alone does not say it all: "with 404".
  std::string detail;
  Curve when;         // 1 where the server is unhealthy, or falsely healthy, because of it
  double probes = 0;  // failed, that it accounts for
  Confidence confidence = Confidence::certain;
  bool falsely_healthy = false;
  std::vector<Evidence> evidence;
};

}  // namespace elblab::diagnosis
