// The conversations of a script that one application plays, in the order of their begin, and where
// each comes from (ScriptShare in parameters.hpp).
//
// It holds the numbers of its own only, found in one pass over the script: O(conversations of the
// script) to make, 4 bytes per conversation that is its own.
#pragma once

#include <cstdint>
#include <vector>

#include "models/workload/conversation_script.hpp"
#include "models/workload/parameters.hpp"

namespace elblab::workload {

class ScriptCursor {
 public:
  // `source`: where all come from when the parameters name no sources.
  ScriptCursor(const ClientParameters& parameters, net::IpAddress source);

  // From now on conversation times count from `begin`; none begins at or after `end`.
  void start(Instant begin, Instant end);
  // When the next one begins; kNever: there is none any more.
  Instant next() const;
  // Precondition: next() != kNever. Its index in the script.
  std::uint32_t take() { return own_[next_++]; }
  // Where the conversation with this index, one of its own, comes from; an ephemeral port.
  net::Endpoint source_of(std::uint32_t index) const;

 private:
  // In `share_`; share_.sources.size() or more: not played here.
  std::uint32_t source_index(std::uint32_t index) const;

  const ConversationScript* script_;
  ScriptShare share_;
  std::vector<std::uint32_t> own_;
  std::size_t next_ = 0;
  Instant begin_;
  Instant end_ = kStart;
};

}  // namespace elblab::workload
