// The access control of a listener: whom it serves (ACL-01..04). admits: O(log entries).
#pragma once

#include "models/access/address_set.hpp"
#include "models/config/load_balancer.hpp"

namespace elblab::access {

class AccessList {
 public:
  explicit AccessList(const config::AccessControl& control)
      : whitelist_(control.kind == config::AccessControl::Kind::whitelist),
        entries_(control.entries) {}

  // An empty whitelist admits nobody (ACL-03), an empty blacklist everybody.
  bool admits(const net::IpAddress& client) const {
    return entries_.contains(client) == whitelist_;
  }

 private:
  bool whitelist_;
  AddressSet entries_;
};

}  // namespace elblab::access
