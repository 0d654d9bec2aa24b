#include "analysis/trace/address_rows.hpp"

namespace elblab::trace {

AddressRows::AddressRows(const Database& database)
    : insert_(database, "INSERT INTO addresses (id, address) VALUES (?,?)"), ok_(insert_.ok()) {}

std::int64_t AddressRows::number_of(const net::IpAddress& address) {
  bool is_new = false;
  const std::int64_t id = numbers_.number_of({address.high(), address.low(), 0}, is_new);
  if (is_new && ok_) ok_ = insert_.bind(1, id).bind(2, address.to_string()).run();
  return id;
}

}  // namespace elblab::trace
