// How the parts of balancers are called where they record, in expectations and in the timeline.
//
// With one balancer its parts need no prefix: lvs1, app/b1, listener web. With several they have
// one: lb1/lvs1, lb1/app/b1; a server may still be named without it where only one balancer has
// such a one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "scenarios/language/scenario.hpp"

namespace elblab::language {

using Balancers = std::span<const config::LoadBalancer>;

std::string node_object(Balancers balancers, std::size_t balancer, unsigned node);  // LVS
std::string proxy_node_object(Balancers balancers, std::size_t balancer, unsigned node);
std::string listener_object(Balancers balancers, std::size_t balancer, const std::string& listener);
// The hosts that are servers of a group, each once.
std::vector<std::string> server_hosts(Balancers balancers);
std::string group_object(Balancers balancers, std::size_t balancer, const std::string& group);
std::string server_object(Balancers balancers, const ServerPlace& place);
// All of them, in the order of the file.
std::vector<ServerPlace> server_places(Balancers balancers);
// By the object's name, or without the balancer's; more than one: the name is ambiguous.
std::vector<ServerPlace> find_servers(Balancers balancers, std::string_view name);
// nullopt: there is none of that name.
std::optional<std::size_t> find_balancer(Balancers balancers, std::string_view name);

}  // namespace elblab::language
