// One direction of a TCP connection: how far it got, and what of it was sent more than once.
//
// What is no retransmission, though its bytes were there before:
//   captured twice   one frame that the capture holds again (a mirror port, both interfaces of a
//                    router): same identification and numbers, within kCopyWithin. Where there is
//                    no identification (IPv6, 0, or a sender that never changes it) only what
//                    follows within kTwinWithin counts.
//   keep-alive       nothing, or one byte, in front of what was sent last (RFC 9293 §3.8.4)
//   out of order     it fills a hole, and was sent before what came ahead of it: by its
//                    identification where there is one, else by its time (less than a round trip)
//   window probe     one byte into a window that is closed (RFC 9293 §3.8.6.1)
//
// Memory: constant. Time: O(1) per segment.
#pragma once

#include <array>
#include <cstdint>

#include "models/time/instant.hpp"
#include "pcap/conversations/packet_headers.hpp"

namespace elblab::streams {

enum class SegmentKind : std::uint8_t {
  bare,  // an acknowledgment, or a reset: nothing that could be sent again
  fresh,
  captured_twice,
  keep_alive,
  keep_alive_answer,
  window_probe,
  out_of_order,
  retransmission,
};

struct StreamCounts {
  std::uint64_t packets = 0;   // without those captured twice
  std::uint64_t bytes = 0;     // payload, each byte once
  std::uint32_t segments = 0;  // with payload or FIN, without keep-alives and window probes
  std::uint32_t retransmissions = 0;
  std::uint32_t out_of_order = 0;
  std::uint32_t captured_twice = 0;
  std::uint32_t keep_alives = 0;
  std::uint32_t keep_alive_answers = 0;
  std::uint32_t window_probes = 0;
  std::uint32_t resets = 0;
  std::uint32_t missed = 0;  // holes that the other side acknowledged: the capture lacks them
};

class StreamSide {
 public:
  // A frame without identification is the one before it when it follows within this.
  static constexpr Duration kTwinWithin = std::chrono::microseconds(100);
  // ... and one with identification within this: longer than a mirror holds anything up, shorter
  // than the 200 ms after which Linux sends again at the soonest.
  static constexpr Duration kCopyWithin = std::chrono::milliseconds(100);
  // Where no handshake showed a round trip (tshark takes the same).
  static constexpr Duration kUsualRoundTrip = std::chrono::milliseconds(3);

  // Takes a segment of this direction; `other` is the opposite one. round_trip: of the handshake,
  // 0: not seen.
  SegmentKind take(const pcap::PacketHeaders& segment, Duration at, StreamSide& other,
                   Duration round_trip);

  // Takes a datagram of this direction: fresh, or captured_twice.
  SegmentKind take_datagram(const pcap::PacketHeaders& datagram, Duration at);

  const StreamCounts& counts() const { return counts_; }
  bool is_known() const { return known_; }
  bool is_finished() const { return finished_; }
  std::uint32_t next() const { return next_; }
  // The last fresh byte.
  Duration last_fresh() const { return last_fresh_; }
  // Sent again, without a word from the other side since: how often.
  std::uint32_t in_vain() const { return in_vain_; }
  // The longest that it waited before it sent something again.
  Duration longest_stall() const { return longest_stall_; }
  // How long this side told the other to wait with a window of 0, in all.
  Duration window_closed() const { return window_closed_; }
  // What the other side acknowledges of a SYN's data, where it declined some (RFC 7413 §3.1).
  void accept_syn(std::uint32_t acknowledgment);

 private:
  struct Seen {
    Duration at{-1};
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgment = 0;
    std::uint32_t payload = 0;
    std::uint16_t identification = 0;
    std::uint8_t flags = 0;
  };
  struct Hole {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;  // == begin: none
  };

  bool is_copy(const pcap::PacketHeaders& segment, Duration at) const;
  void remember(const pcap::PacketHeaders& segment, Duration at);
  void take_syn(const pcap::PacketHeaders& segment);
  SegmentKind take_data(const pcap::PacketHeaders& segment, std::uint32_t begin, std::uint32_t end,
                        Duration at, const StreamSide& other, Duration round_trip);
  SegmentKind behind(const pcap::PacketHeaders& segment, std::uint32_t begin, std::uint32_t end,
                     Duration at, const StreamSide& other, Duration round_trip);
  bool is_keep_alive_answer(const pcap::PacketHeaders& segment, const StreamSide& other) const;
  void take_acknowledgment(const pcap::PacketHeaders& segment, Duration at, StreamSide& other);
  void take_window(const pcap::PacketHeaders& segment, Duration at);
  void open_hole(std::uint32_t begin, std::uint32_t end);
  bool fill_hole(std::uint32_t begin, std::uint32_t end);
  void acknowledged_up_to(std::uint32_t acknowledgment);

  StreamCounts counts_;
  std::array<Seen, 8> seen_{};
  std::array<Hole, 4> holes_{};
  Duration next_at_{0};  // of the segment that reached next_
  Duration last_fresh_{0};
  Duration closed_since_{-1};
  Duration window_closed_{0};
  Duration longest_stall_{0};
  Duration last_sent_{0};
  Duration last_repeated_acknowledgment_{0};
  std::uint32_t next_ = 0;            // behind the highest byte seen
  std::uint32_t acknowledgment_ = 0;  // the latest that this side sent
  std::uint32_t repeated_acknowledgments_ = 0;
  std::uint32_t in_vain_ = 0;
  std::uint16_t next_identification_ = 0;  // of the segment that reached next_
  std::uint16_t window_ = 0;
  std::uint8_t seen_at_ = 0;
  bool known_ = false;
  bool acknowledges_ = false;
  bool finished_ = false;
  bool window_known_ = false;
  bool last_was_keep_alive_ = false;
  bool identifies_ = true;  // its identifications differ from packet to packet
};

}  // namespace elblab::streams
