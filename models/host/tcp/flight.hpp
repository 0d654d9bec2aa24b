// What is in flight of a connection, beside the connection itself.
#pragma once

#include "models/host/tcp/send_state.hpp"
#include "models/host/tcp/tcp_connection.hpp"
#include "models/host/tcp/transfer_state.hpp"

namespace elblab::host {

// A connection with the records of what it has in flight.
struct Flight {
  TcpConnection& connection;
  TransferState& transfer;
  SendState& sending;

  bool reducing() const {
    return transfer.phase == CongestionPhase::reduced ||
           transfer.phase == CongestionPhase::recovery;
  }
};

}  // namespace elblab::host
