// Which of the host's addresses a datagram asked, so that the answer comes from it: for a socket
// on any address, whose owner says only whom to answer.
//
// Remembers the latest askers in a table of fixed size, by their endpoint; one that was pushed out
// is answered from the address that routing gives. O(1).
#pragma once

#include <optional>
#include <vector>

#include "models/net/flow_key.hpp"

namespace elblab::live {

class ReplySources {
 public:
  void asked(const net::Endpoint& by, const net::IpAddress& address) {
    if (entries_.empty()) entries_.resize(kEntries);
    entries_[place(by)] = {by, address};
  }
  std::optional<net::IpAddress> for_answer_to(const net::Endpoint& to) const {
    if (entries_.empty() || entries_[place(to)].asker != to) return std::nullopt;
    return entries_[place(to)].address;
  }

 private:
  static constexpr std::size_t kEntries = 4096;
  struct Entry {
    net::Endpoint asker;
    net::IpAddress address;
  };
  static std::size_t place(const net::Endpoint& asker) { return hash_of(asker, 0) % kEntries; }

  std::vector<Entry> entries_;
};

}  // namespace elblab::live
