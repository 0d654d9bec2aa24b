// Makes conversations of the packets of a capture.
//
// Client and server side of a capture: who sends the SYN or the first datagram is the client. Where
// a TCP connection was under way when the capture began, that end is the server which is one in
// other conversations, else the one with the lower port. Flows end by FIN or RST, by a new SYN on
// their ports, and by silence: UDP after kDatagramSilence, unanswered SYNs after kHandshakeSilence;
// TCP otherwise lasts to the end of the capture.
//
// A capture of both sides of a NAT shows a conversation twice. NAT keeps sequence numbers: two TCP
// flows that begin with the same ones on both sides within kTwiceWithin are one; so are two UDP
// flows from one client endpoint to different servers that begin with equal datagrams. The earlier
// counts. (UDP behind a NAT that also changes the client's port cannot be recognised.)
//
// Memory: about 350 bytes for each flow under way, 144 for each conversation that has ended, 32 per
// turn; time O(packets). Bounds: kMost... in conversation.hpp, and kMostFlows under way.
#pragma once

#include <memory>

#include "pcap/conversations/conversation.hpp"
#include "pcap/reader.hpp"

namespace elblab::pcap {

inline constexpr Duration kDatagramSilence = std::chrono::seconds(60);
inline constexpr Duration kHandshakeSilence = std::chrono::seconds(130);  // Linux: 127 s of SYNs
inline constexpr Duration kAfterTheEnd = std::chrono::seconds(10);
inline constexpr Duration kTwiceWithin = std::chrono::seconds(3);
// Records that claim to be later than this after the first are left out as damaged.
inline constexpr Duration kLongestCapture = std::chrono::hours(24 * 360);
inline constexpr std::uint32_t kMostFlows = 2'000'000;

class Extractor {
 public:
  Extractor();
  ~Extractor();
  Extractor(Extractor&&) noexcept;

  // A record of the capture. O(1) on average.
  void add(const Record& record);
  // After the last record; the extractor is then used up.
  Conversations finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// All that the reader still has.
Conversations extract(Reader& reader);

}  // namespace elblab::pcap
