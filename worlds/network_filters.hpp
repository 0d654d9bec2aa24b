// The filters of a scenario: network ACLs around its subnets, security groups and firewalls of its
// hosts, made once for a run and set on the fabrics of its network, in every world alike.
#pragma once

#include <cstdint>
#include <vector>

#include "models/access/filter_set.hpp"
#include "models/network/fabric.hpp"
#include "scenarios/language/scenario.hpp"

namespace elblab::worlds {

struct Objects;

class NetworkFilters {
 public:
  // objects: as those of the scenario, for what is dropped.
  NetworkFilters(const language::Scenario& scenario, std::uint64_t run_seed,
                 const Objects& objects);
  NetworkFilters(const NetworkFilters&) = delete;
  NetworkFilters& operator=(const NetworkFilters&) = delete;

  // Whether anything stands in the way of packets in this scenario, but access lists.
  static bool any_in(const language::Scenario& scenario);

  // Of a host, by its index: for the port that its link is at.
  const network::PortFilters& of_host(std::size_t host) const { return hosts_[host]; }
  // Sets what stands before this address of a node, if it lies in a subnet with an ACL.
  void set_node_acls(network::Fabric& fabric, const network::Node& node) const;

  // Of the subnet that this address is in; nullptr: none.
  network::Filter* acl_around(const net::IpAddress& address) const;
  // By the index of the subnet; nullptr: none.
  const network::Filter* acl(std::size_t subnet) const { return acls_[subnet].filter; }

 private:
  struct Acl {
    net::Subnet cidr;
    network::Filter* filter = nullptr;
  };

  access::FilterSet set_;
  std::vector<Acl> acls_;                    // as scenario.subnets
  std::vector<network::PortFilters> hosts_;  // as scenario.hosts
};

}  // namespace elblab::worlds
