// Makes a Scenario of a decoded document: assigns addresses, resolves names, checks that the parts
// fit together. Errors stand where the offending value stands in the tree.
//
// The document is completed on the way (assigned addresses, protocols, duration), so that what is
// written from it afterwards spells everything out.
#pragma once

#include <map>
#include <set>
#include <string>

#include "scenarios/language/diagnostics.hpp"
#include "scenarios/language/document.hpp"
#include "scenarios/language/scenario.hpp"
#include "scenarios/language/tree.hpp"

namespace elblab::language {

using RunNames = std::set<std::string>;

// What the steps share.
struct Resolution {
  Document& document;
  const Node& tree;
  Diagnostics& diagnostics;
  Scenario& scenario;
  std::map<std::string, std::size_t> hosts;  // name -> index, in both document and scenario
  const RunNames* runs = nullptr;            // of the whole file; nullptr: those of the document

  const HostEntry* find_host(const std::string& name) const;
  Place place(const std::vector<std::string>& path) const { return place_of(tree, path); }
  Place key_place(const std::vector<std::string>& path) const { return key_place_of(tree, path); }
  bool is_run(const std::string& name) const;
  std::string nearest_run(const std::string& name) const;
  // Among those that may play the role.
  std::string nearest_host(const std::string& name, HostRole role) const;
  std::optional<std::size_t> find_place(const std::string& name) const;
  // The host serves this port, once for all that name it; or the ports of its own that its service
  // gives, over this protocol.
  void offer_service(const std::string& host, std::uint16_t port, bool udp);
  void open_port(std::size_t host, std::uint16_t port, bool udp);
  const SubnetSpec* find_subnet(const std::string& name) const;  // nullptr: none
  // The same; that there is none is reported at `path`.
  const SubnetSpec* subnet_at(const std::string& name, const std::vector<std::string>& path);
};

// "CDN" or "WAF". Precondition: it is one.
std::string relay_name(const HostEntry& host);

inline constexpr std::size_t kMostPlaces = 64;

bool overlap(const net::Subnet& a, const net::Subnet& b);

// Of the wires inside the service's own network: nothing waits or is lost there.
Link link_without_delay();

// The steps, in this order; each needs those before it to have ended without error.
void resolve_network(Resolution& r);
void resolve_middleboxes(Resolution& r);
void resolve_hosts(Resolution& r);
void complete_middleboxes(Resolution& r);
void resolve_balancers(Resolution& r);
void check_middleboxes(Resolution& r);
void resolve_filters(Resolution& r);
void resolve_relays(Resolution& r);
void resolve_workloads(Resolution& r);
void resolve_timeline(Resolution& r);
void resolve_expectations(Resolution& r, const std::string& run);

// Fills `scenario` for one run of the document, which need not hold the other `runs` of the file.
// Nothing is reported when it is usable.
void resolve(Document& document, const Node& tree, const std::string& run, const RunNames& runs,
             Diagnostics& diagnostics, Scenario& scenario);

}  // namespace elblab::language
