// What endpoints are called: by a balancer's file where one was given, else by themselves. A name
// is never made up: a capture from the client's side does not show which server a balancer chose.
#pragma once

#include <map>
#include <string>

#include "models/net/address.hpp"

namespace elblab::findings {

class EndpointNames {
 public:
  void set(const net::Endpoint& endpoint, std::string name) {
    names_.insert_or_assign(endpoint, std::move(name));
  }
  bool empty() const { return names_.empty(); }
  // "app/b1 (10.0.1.11:8080)", "10.0.1.11:8080"
  std::string of(const net::Endpoint& endpoint) const {
    const auto known = names_.find(endpoint);
    return known == names_.end() ? endpoint.to_string()
                                 : known->second + " (" + endpoint.to_string() + ")";
  }

 private:
  std::map<net::Endpoint, std::string> names_;
};

}  // namespace elblab::findings
