// The field tables of the language, one per kind of map. See field.hpp.
#pragma once

#include <vector>

#include "scenarios/language/codecs.hpp"
#include "scenarios/language/document.hpp"

namespace elblab::language {

// The one table of its kind.
template <typename Table>
const Table& only() {
  static const Table table;
  return table;
}

const Section<Document>& document_section();

const Section<Networks>& networks_section();
const Section<NetworkEntry>& network_section();
const Section<ZoneEntry>& zone_section();
const Section<SiteEntry>& site_section();
const Section<SubnetEntry>& subnet_section();
const Section<PlaceLinkEntry>& place_link_section();
const Section<Link>& link_section();
const Section<ServiceEntry>& service_section();
const Section<RelayEntry>& cdn_section();
const Section<WafEntry>& waf_section();
const Section<HostEntry>& host_section();
const Section<MiddleboxEntry>& middlebox_section();

const Section<BalancerEntry>& balancer_section();
// As in balancer files, whose servers carry their addresses.
const Section<BalancerEntry>& addressed_balancer_section();
const Section<ServerEntry>& addressed_server_section();
const Section<BalancerDocument>& balancer_document_section();
const Section<config::Listener>& listener_section();

const Section<WorkloadEntry>& workload_section();
const Section<TimelineItem>& timeline_section();
const Section<RunEntry>& run_section();
const Section<ExpectItem>& expect_section();
const Section<LiveEntry>& live_section();

// A map of override paths to values, kept as written.
Codec<Node> path_values();
// One of the profiles of the service.
Codec<std::string> profile_name();
// Kernel settings under their own names.
Codec<host::Sysctls> sysctls();

}  // namespace elblab::language
