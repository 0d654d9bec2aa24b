// The data of connections: taken in order or held beyond a gap, acknowledged at once or later, read
// by the application (Linux's tcp_data_queue, __tcp_ack_snd_check, tcp_rcv_space_adjust).
//
// Segments come checked (TcpInput). What the application is to hear is gathered in TcpNotices and
// told last, since it may do anything in a call, closing the connection included.
#pragma once

#include <span>

#include "models/host/tcp/tcp_lifecycle.hpp"
#include "models/host/tcp/tcp_output.hpp"

namespace elblab::host {

// What the application is to hear when the segment is dealt with.
struct TcpNotices {
  std::span<const std::uint8_t> payload;  // in order, inside the packet
  bool finished = false;
  bool sent_all = false;
};

class TcpReceiver {
 public:
  TcpReceiver(TcpShared& shared, TcpLifecycle& lifecycle, TcpOutput& output)
      : shared_(shared), lifecycle_(lifecycle), output_(output) {}

  // The payload and FIN of a segment.
  void take_data(TcpConnection& connection, const Segment& segment, TcpNotices& notices,
                 Instant now);
  // After that: an ACK leaves now, later, or not at all.
  void acknowledge_if_due(TcpConnection& connection, Instant now);
  // The connection may be gone afterwards.
  void notify(SocketId id, const TcpNotices& notices, Instant now);
  // The application reads what waits in the receive buffer; it hears of the peer's FIN, or of a
  // reset, when all is read.
  void read(TcpConnection& connection, Instant now);
  // `sequence` follows the last byte that is held beyond a gap.
  bool beyond_all_held(const TcpConnection& connection, std::uint32_t sequence) const;

 private:
  void take_in_order(TcpConnection& connection, const Segment& segment, TcpNotices& notices,
                     Instant now);
  void take_fresh(TcpConnection& connection, const Segment& segment, std::uint32_t fresh,
                  TcpNotices& notices, Instant now);
  void take_out_of_order(TcpConnection& connection, TransferState& transfer,
                         const Segment& segment);
  void take_fin(TcpConnection& connection, TcpNotices& notices, Instant now);
  void refuse(TcpConnection& connection, const Segment& segment, Instant now);
  static void report_duplicate(TcpConnection& connection, std::uint32_t begin, std::uint32_t end);
  void acknowledge_disorder(TcpConnection& connection, TransferState& transfer, Instant now);
  void delay_acknowledgment(TcpConnection& connection, Instant now);
  void has_read(TcpConnection& connection, Instant now);
  void deliver_stored(TcpConnection& connection, Instant now);
  // The next byte that the application will read.
  std::uint32_t read_sequence(const TcpConnection& connection) const;
  // Bytes are held that a gap separates from what was received in order.
  bool holds_beyond(const TcpConnection& connection) const;
  ReceiveBuffer& receive_buffer(TcpConnection& connection);

  TcpShared& shared_;
  TcpLifecycle& lifecycle_;
  TcpOutput& output_;
};

}  // namespace elblab::host
