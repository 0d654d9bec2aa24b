// What the parts of the TCP have in common: the host's settings, its records and its ways out.
// Owned by TcpStack; every part holds a reference.
#pragma once

#include <memory>
#include <vector>

#include "models/host/ephemeral_ports.hpp"
#include "models/host/host_log.hpp"
#include "models/host/network_interface.hpp"
#include "models/host/path_mtu.hpp"
#include "models/host/socket_notices.hpp"
#include "models/host/tcp/connection_slab.hpp"
#include "models/host/tcp/initial_sequence.hpp"
#include "models/host/tcp/listener_table.hpp"
#include "models/host/tcp/loss_recovery.hpp"
#include "models/host/tcp/receive_buffer.hpp"
#include "models/host/tcp/segment.hpp"
#include "models/host/tcp/send_state.hpp"
#include "models/host/tcp/syn_cookies.hpp"
#include "models/host/tcp/time_wait_table.hpp"
#include "models/host/tcp/timer_wheel.hpp"
#include "models/host/tcp/transfer_state.hpp"
#include "models/tables/handle_index.hpp"

namespace elblab::host {

class ReceiveBufferPool {
 public:
  std::uint32_t acquire(std::uint32_t next) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(buffers_.size()));
      buffers_.push_back(std::make_unique<ReceiveBuffer>());
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    buffers_[index]->reset(next);
    return index;
  }
  void release(std::uint32_t index) {
    buffers_[index]->reset(0);
    free_.push_back(index);
  }
  ReceiveBuffer& at(std::uint32_t index) { return *buffers_[index]; }
  std::size_t memory_bytes() const {
    std::size_t bytes = 0;
    for (const auto& buffer : buffers_) bytes += sizeof(ReceiveBuffer) + buffer->memory_bytes();
    return bytes;
  }

 private:
  std::vector<std::unique_ptr<ReceiveBuffer>> buffers_;
  std::vector<std::uint32_t> free_;
};

struct TcpShared {
  TcpShared(const HostOptions& host_options, const random::Stream& stream,
            HostCounters& host_counters, HostLog& host_log, NetworkInterface& interface,
            SocketNotices& socket_notices);

  // A handle in the table of flows: a slot, marked when it is one of the TIME_WAIT table.
  static constexpr std::uint32_t kTimeWaitBit = 0x80000000;
  static constexpr std::uint32_t kNoFlow = tables::HandleIndex::kNone;

  const HostOptions& options;
  HostCounters& counters;
  HostLog& log;
  NetworkInterface& wire;
  SocketNotices& notices;
  random::Stream seeds;
  ConnectionSlab connections;
  std::uint64_t flow_seed;  // drawn for the run: untrusted traffic cannot aim at one slot
  tables::HandleIndex flows;
  TimerWheel timers;
  TimeWaitTable time_waits;
  ListenerTable listeners;
  EphemeralPorts ports;
  TransferStatePool transfers;
  SendStatePool send_states;
  ReceiveBufferPool receive_buffers;
  InitialSequenceNumbers initial_sequences;
  SynCookies cookies;
  PathMtu path_mtu;

  const Sysctls& sysctls() const { return options.sysctls; }
  // What the connection remembers of its transfers; it begins now if it has none.
  TransferState& transfer(TcpConnection& connection, Instant now);
  // nullptr: it has transferred nothing.
  TransferState* find_transfer(const TcpConnection& connection) {
    return connection.transfer == kNoIndex ? nullptr : &transfers.at(connection.transfer);
  }
  // The connection must have something to send or in flight.
  Flight flight(TcpConnection& connection, Instant now) {
    return {connection, transfer(connection, now), send_states.at(connection.sending)};
  }
  // Payload of the largest segment that we told the peer it may send (advmss).
  std::uint32_t largest_received(const TcpConnection& connection) const {
    return wire.largest_segment(connection.local.address.is_v4()) -
           (connection.timestamps ? 12U : 0U);
  }
  // Segments of the connection fit what the peer takes, the path to it as far as that is known, and
  // half of the largest window it has offered (tcp_sync_mss).
  void limit_segments(TcpConnection& connection, Instant now) const;
  // Of the connection a segment would belong to; 0 unless tcp_timestamps is 1.
  std::uint32_t timestamp_offset(const Segment& segment) const {
    return sysctls().tcp_timestamps == 1
               ? initial_sequences.timestamp_offset(segment.local.address, segment.remote.address)
               : 0;
  }
  std::uint32_t flow_hash(const net::Endpoint& local, const net::Endpoint& remote) const {
    const std::uint64_t h =
        net::mix64(net::hash_of(local, flow_seed), net::hash_of(remote, ~flow_seed) | 1);
    return static_cast<std::uint32_t>(h ^ (h >> 32));
  }
  // The handle of the flow, kNoFlow if there is none.
  std::uint32_t find_flow(std::uint32_t hash, const net::Endpoint& local,
                          const net::Endpoint& remote) const;
};

}  // namespace elblab::host
