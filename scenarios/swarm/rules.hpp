// Rules of random filters: network ACLs, security groups, firewalls, access lists.
#pragma once

#include "scenarios/swarm/sketch.hpp"

namespace elblab::swarm {

Node acl_node(Draw& draw);
// open: lets everything in, by one rule or by several.
Node security_group_node(Draw& draw, bool open);
Node firewall_node(Draw& draw);
Node access_node(Draw& draw, bool may_be_blacklist);

}  // namespace elblab::swarm
