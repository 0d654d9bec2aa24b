// Health checks as a trace keeps them: probes, and what they came to.
#pragma once

#include <cstdint>
#include <string_view>

#include "models/telemetry/ids.hpp"
#include "models/time/instant.hpp"

namespace elblab::telemetry {

enum class Reason : std::uint8_t;

// What is thought of a server. Append only: the numbers stand in traces.
enum class Verdict : std::uint8_t {
  unknown,  // nothing yet, or its health is not checked
  healthy,
  unhealthy,
  count_,  // not a verdict: the number of them
};
std::string_view to_string(Verdict verdict);

// A probe that ended.
struct ProbeRecord {
  Instant started;
  Instant ended;
  ObjectId node = 0;
  ObjectId server = 0;
  Reason reason{};                     // none: it passed
  std::uint16_t status = 0;            // of an HTTP answer; 0: there was none
  Verdict verdict = Verdict::unknown;  // of the node, with it
};

// A verdict that changed: of one node, or the one that a console displays.
struct HealthRecord {
  Instant at;
  ObjectId node = 0;  // 0: the displayed one
  ObjectId server = 0;
  Verdict before = Verdict::unknown;
  Verdict after = Verdict::unknown;
  Reason reason{};  // of a node's: why the last probe failed; none: it passed
};

}  // namespace elblab::telemetry
