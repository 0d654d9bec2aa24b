#include "sim/ns3_connection.hpp"

#include <ns3/inet-socket-address.h>
#include <ns3/simulator.h>
#include <ns3/tcp-tx-buffer.h>

#include <algorithm>

#include "models/workload/pattern.hpp"
#include "sim/clock.hpp"
#include "sim/ns3_sockets.hpp"

namespace elblab::sim {

using host::SocketError;

namespace {

// Names what ns-3 keeps from others but not from its heirs.
struct OfferedWindow : ns3::TcpSocketBase {
  static std::uint32_t of(const ns3::TcpSocketBase& socket) {
    return (socket.*&OfferedWindow::GetRWnd)();
  }
};

// Private to the buffer, but it follows from how it counts what is in flight.
std::uint32_t sent_bytes(const ns3::TcpTxBuffer& buffer) {
  const std::uint32_t left = buffer.GetSacked() + buffer.GetLost();
  return buffer.BytesInFlight() - buffer.GetRetransmitsCount() + left;
}

// ns-3.37 sends a segment of no bytes, and crashes, when what it sent and the receiver's window are
// of the same size (its issue 991, mended in ns-3.41 by "less than" for "at most"). A full window
// that looks one byte smaller is that mend; no other decision sees the difference.
void keep_within_window(const ns3::Ptr<ns3::Socket>& socket) {
  const auto* tcp = dynamic_cast<const ns3::TcpSocketBase*>(ns3::PeekPointer(socket));
  if (tcp == nullptr) return;
  const ns3::TcpTxBuffer* buffer = ns3::PeekPointer(tcp->GetTxBuffer());
  tcp->GetTxBuffer()->SetRWndCallback(ns3::Callback<std::uint32_t>([tcp, buffer] {
    const std::uint32_t window = OfferedWindow::of(*tcp);
    return window > 0 && sent_bytes(*buffer) == window ? window - 1 : window;
  }));
}

}  // namespace

Ns3Connection::Ns3Connection(Ns3Sockets& owner, host::SocketId id, ns3::Ptr<ns3::Socket> socket)
    : owner_(owner), id_(id), socket_(std::move(socket)) {
  socket_->SetConnectCallback(ns3::MakeCallback(&Ns3Connection::on_connected, this),
                              ns3::MakeCallback(&Ns3Connection::on_connect_failed, this));
  socket_->SetRecvCallback(ns3::MakeCallback(&Ns3Connection::on_readable, this));
  socket_->SetSendCallback(ns3::MakeCallback(&Ns3Connection::on_writable, this));
  socket_->SetCloseCallbacks(ns3::MakeCallback(&Ns3Connection::on_normal_close, this),
                             ns3::MakeCallback(&Ns3Connection::on_error_close, this));
  keep_within_window(socket_);
}

// ns-3 may keep the socket (TIME_WAIT) longer than we do: it must not call back.
Ns3Connection::~Ns3Connection() {
  const auto none = ns3::MakeNullCallback<void, ns3::Ptr<ns3::Socket>>();
  socket_->SetConnectCallback(none, none);
  socket_->SetRecvCallback(none);
  socket_->SetSendCallback(ns3::MakeNullCallback<void, ns3::Ptr<ns3::Socket>, std::uint32_t>());
  socket_->SetCloseCallbacks(none, none);
}

bool Ns3Connection::connect(const net::Endpoint& destination, host::SocketEvents& events) {
  client_ = true;
  events_ = &events;
  const ns3::Ipv4Address address(destination.address.v4_value());
  return socket_->Connect(ns3::InetSocketAddress(address, destination.port)) == 0;
}

void Ns3Connection::take(host::SocketEvents& events) {
  events_ = &events;
  // From an event of its own: the application has not seen the id yet.
  ns3::Simulator::ScheduleNow([owner = &owner_, id = id_] {
    if (Ns3Connection* connection = owner->find(id)) connection->hand_over();
  });
}

void Ns3Connection::hand_over() {
  if (!ended_) return on_readable(socket_);
  read();
  owner_.remove(id_, ended_by_);
}

SocketError Ns3Connection::send(std::span<const std::uint8_t> bytes) {
  if (shutting_down_ || ended_) return SocketError::not_connected;
  queue_.push_back({{bytes.begin(), bytes.end()}, 0, 0});
  told_sent_all_ = false;
  pump();
  return SocketError::none;
}

SocketError Ns3Connection::send_pattern(std::uint64_t bytes) {
  if (shutting_down_ || ended_) return SocketError::not_connected;
  queue_.push_back({{}, 0, bytes});
  told_sent_all_ = false;
  pump();
  return SocketError::none;
}

void Ns3Connection::shutdown() {
  shutting_down_ = true;
  finish_sending_if_done();
}

void Ns3Connection::close() {
  closing_ = true;
  shutdown();
  // With the peer's FIN already here ns-3 says nothing more.
  if (peer_finished_) {
    ns3::Simulator::ScheduleNow([owner = &owner_, id = id_] {
      if (Ns3Connection* connection = owner->find(id)) connection->end(SocketError::none);
    });
  }
}

void Ns3Connection::pump() {
  if (!established_) return;
  constexpr std::uint64_t kPiece = 16384;
  while (!queue_.empty() && socket_->GetTxAvailable() > 0) {
    Queued& next = queue_.front();
    const std::uint64_t room = std::min<std::uint64_t>(socket_->GetTxAvailable(), kPiece);
    const bool pattern = next.pattern > 0;
    const std::uint64_t left = pattern ? next.pattern : next.bytes.size() - next.sent;
    const auto size = static_cast<std::size_t>(std::min(room, left));
    const std::span<const std::uint8_t> piece =
        pattern ? workload::pattern_slice(stream_offset_, size)
                : std::span<const std::uint8_t>(next.bytes).subspan(next.sent, size);
    if (size > 0 &&
        socket_->Send(ns3::Create<ns3::Packet>(piece.data(), static_cast<std::uint32_t>(size)), 0) <
            0) {
      return;
    }
    stream_offset_ += size;
    if (pattern) {
      next.pattern -= size;
    } else {
      next.sent += size;
    }
    if (size == left) queue_.pop_front();
  }
  finish_sending_if_done();
}

void Ns3Connection::finish_sending_if_done() {
  if (!shutting_down_ || closed_by_us_ || !queue_.empty()) return;
  closed_by_us_ = true;
  if (closing_) {
    socket_->Close();
  } else {
    socket_->ShutdownSend();
  }
}

void Ns3Connection::read() {
  while (ns3::Ptr<ns3::Packet> packet = socket_->Recv()) {
    const std::uint32_t size = packet->GetSize();
    if (size == 0) return;
    if (closing_ || events_ == nullptr) continue;
    buffer_.resize(std::max<std::size_t>(buffer_.size(), size));
    packet->CopyData(buffer_.data(), size);
    events_->received(id_, {buffer_.data(), size}, now());
  }
}

void Ns3Connection::end(SocketError error) {
  if (ended_) return;
  ended_ = true;
  owner_.count_end(*this);
  if (is_waiting()) {
    ended_by_ = error;
  } else {
    owner_.remove(id_, error);
  }
}

void Ns3Connection::tell_closed(SocketError error) {
  if (events_ != nullptr) events_->closed(id_, error, now());
}

void Ns3Connection::on_connected(ns3::Ptr<ns3::Socket>) {
  established_ = true;
  owner_.established(id_);
  if (!closing_) events_->connected(id_, now());
  pump();
  owner_.after_event_();
}

void Ns3Connection::on_connect_failed(ns3::Ptr<ns3::Socket>) { end(SocketError::timed_out); }

void Ns3Connection::on_readable(ns3::Ptr<ns3::Socket>) {
  if (events_ == nullptr || ended_) return;  // null: waits in the accept queue
  read();
  if (peer_finished_ && !closing_) events_->peer_finished(id_, now());
  owner_.after_event_();
}

void Ns3Connection::on_writable(ns3::Ptr<ns3::Socket>, std::uint32_t) {
  if (ended_) return;
  pump();
  const auto tcp = ns3::DynamicCast<ns3::TcpSocketBase>(socket_);
  if (!told_sent_all_ && queue_.empty() && tcp->GetTxBuffer()->Size() == 0) {
    told_sent_all_ = true;
    if (events_ != nullptr && !closing_) events_->sent_all(id_, now());
  }
  owner_.after_event_();
}

// The peer's FIN was reached, or, after our own, the connection is over.
void Ns3Connection::on_normal_close(ns3::Ptr<ns3::Socket>) {
  if (peer_finished_) return;
  peer_finished_ = true;
  if (events_ == nullptr) return;  // told when it is accepted
  read();
  if (closing_) return end(SocketError::none);
  events_->peer_finished(id_, now());
  owner_.after_event_();
}

void Ns3Connection::on_error_close(ns3::Ptr<ns3::Socket>) { end(SocketError::connection_reset); }

}  // namespace elblab::sim
