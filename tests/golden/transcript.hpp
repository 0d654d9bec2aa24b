// What happened in a golden case, as lines of text with their times.
//
// Written like a packetdrill script: `<` is a packet sent to the host, `>` one the host sent; all
// other lines are what the application or the counters say. Sequence numbers are relative to each
// side's initial one, ports do not appear, so that two runs of one case can be compared line by
// line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/time/instant.hpp"

namespace elblab::golden {

struct Line {
  Duration at{};
  std::string text;
  std::string note;  // exact figures worth reading, never compared
};

using Transcript = std::vector<Line>;

// How far two times of one line may lie apart: `base` either way, for scheduling, and later also a
// fraction of the time, for the kernel's timer wheel, which fires up to 1/8 of a timer's length
// late but never early.
struct Tolerance {
  Duration base = std::chrono::milliseconds(150);
  double late_fraction = 0;

  bool allows(Duration expected, Duration actual) const;
};

// Reads "seconds text" lines, one per line; empty lines are skipped, "-" as the time means any.
// Throws std::invalid_argument on a line without a time: expectations are part of the program.
Transcript parse_transcript(std::string_view text);

// Empty when the two agree, else a readable account of the first differences. Lines at kAnyTime
// agree with every time.
inline constexpr Duration kAnyTime = Duration::min();
std::string differences(const Transcript& expected, const Transcript& actual,
                        const Tolerance& tolerance);

std::string to_string(const Line& line);

}  // namespace elblab::golden
