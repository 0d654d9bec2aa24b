// Rows of the two long tables with names instead of numbers, as Reader hands them out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/time/instant.hpp"

namespace elblab::trace {

// Endpoints are written "10.0.0.1:80", "[2001:db8::1]:80"; empty where there is none.
struct EventRow {
  std::uint64_t id = 0;  // from 1, in the order of writing
  Instant at;
  std::string kind;
  std::string reason;
  std::string object;
  std::string peer;
  std::string protocol;
  std::string source;
  std::string destination;
  std::int64_t value = 0;

  bool operator==(const EventRow&) const = default;
};

struct ConnectionRow {
  std::uint64_t id = 0;  // from 1, in the order of writing
  std::string object;
  std::string peer;
  std::string role;
  std::string reason;
  std::string protocol;
  std::string source;
  std::string destination;
  std::string translated_source;
  std::string translated_destination;
  Instant opened_at;
  Instant established_at = kNever;  // kNever: never established
  Instant closed_at;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t retransmissions = 0;

  bool operator==(const ConnectionRow&) const = default;
};

// What a run's schedulers decided, in the order of writing: chosen[i] is an index into servers.
struct Decisions {
  std::vector<std::string> servers;  // "app/b1", each once, in the order of their registration
  std::vector<std::uint32_t> chosen;
};

}  // namespace elblab::trace
