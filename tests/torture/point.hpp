// One point of the battery: a command, something that happens to it, and what must be so
// afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace elblab::torture {

enum class Deed : std::uint8_t {
  kill,         // SIGKILL at a random moment
  signal,       // INT, TERM, HUP or QUIT, once or twice
  full_disk,    // no file may grow beyond a random size
  removed,      // the trace is removed under the run
  replaced,     // and another file put in its place
  two_writers,  // the same command, begun at the same time
  slow_reader,  // somebody reads the trace, slowly
  full_output,  // standard output goes to a full disk, or to a reader that has gone
};
inline constexpr int kDeeds = 8;

enum class Command : std::uint8_t { run, replay, sweep, live };

struct Point {
  std::uint64_t number = 0;
  Command command = Command::run;
  Deed deed = Deed::kill;
  double moment = 0;  // 0 … 1 of what the command takes when nobody disturbs it
  std::uint64_t choice = 0;
};

// Equal for equal numbers. live: also live runs, which need rights and real time.
Point point_of(std::uint64_t seed, std::uint64_t number, bool live);
std::string to_string(const Point& point);

}  // namespace elblab::torture
