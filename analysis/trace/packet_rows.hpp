// The tables `packets` and `packet_connections`: the packets of one connection stand together, so
// that their first and last ids are all it takes to find them.
// Belongs to the writer thread.
#pragma once

#include <cstdint>

#include "analysis/trace/address_rows.hpp"
#include "analysis/trace/batch_insert.hpp"
#include "analysis/trace/database.hpp"
#include "models/telemetry/recorder.hpp"

namespace elblab::trace {

class PacketRows {
 public:
  // `addresses` must outlive this object.
  PacketRows(const Database& database, AddressRows& addresses);

  bool ok() const { return packets_.ok() && connections_.ok(); }
  // False: writing failed. A packet belongs to the connection that is written next.
  bool write(const telemetry::PacketRecord& packet);
  bool write(const telemetry::PacketConnection& connection);
  // The number of the connection that is written next.
  std::int64_t connection() const { return connection_; }
  bool flush() { return packets_.flush() && connections_.flush(); }

 private:
  AddressRows& addresses_;
  BatchInsert packets_;
  BatchInsert connections_;
  std::int64_t connection_ = 1;      // the number of the one whose packets come now
  std::int64_t last_packet_ = 0;     // written
  std::int64_t packets_before_ = 0;  // of other connections
};

}  // namespace elblab::trace
