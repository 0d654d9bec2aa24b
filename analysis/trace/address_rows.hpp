// The table `addresses`: every address gets a number when it first occurs, and rows name it so.
// Belongs to the writer thread.
#pragma once

#include <cstdint>

#include "analysis/trace/database.hpp"
#include "analysis/trace/numbering.hpp"
#include "models/net/address.hpp"

namespace elblab::trace {

class AddressRows {
 public:
  explicit AddressRows(const Database& database);

  // False once writing has failed.
  bool ok() const { return ok_; }
  std::int64_t number_of(const net::IpAddress& address);
  // An endpoint as one integer: the address's number times 65,536, plus the port.
  std::int64_t number_of(const net::Endpoint& endpoint) {
    return number_of(endpoint.address) * 65'536 + endpoint.port;
  }

 private:
  Statement insert_;
  Numbering numbers_;
  bool ok_;
};

}  // namespace elblab::trace
