// Tables of zones, sites, subnets and the links between them.
#include "scenarios/language/access_sections.hpp"
#include "scenarios/language/address_codec.hpp"
#include "scenarios/language/sections.hpp"

namespace elblab::language {
namespace {

using std::chrono::hours;

constexpr const char* kAclHelp = "its network ACL: what may enter and leave it";
constexpr const char* kNoAcl = "none: everything passes";

struct NetworkTable : Section<NetworkEntry> {
  NetworkTable() : Section("network", "How the network between links and balancers behaves.") {
    using R = network::ReturnPath;
    field("return_path", &NetworkEntry::return_path,
          choice<R>({{"newest", R::newest}, {"oldest", R::oldest}, {"drop", R::drop}}),
          "which balancer gets an answer that connections of several claim, by when the connection "
          "began; drop: none");
  }
};

struct ZoneTable : Section<ZoneEntry> {
  ZoneTable() : Section("zone", "An availability zone: a network of its own.") {}
};

struct SubnetTable : Section<SubnetEntry> {
  SubnetTable()
      : Section("subnet",
                "Addresses that belong together. Those not given to a host are assigned in file "
                "order, starting at the first host address.") {
    required("cidr", &SubnetEntry::cidr, subnet(), "its addresses, such as 10.0.1.0/24");
    field("zone", &SubnetEntry::zone, name(), "the zone that it is in").default_text =
        "none: between the zones";
    field("public", &SubnetEntry::is_public, boolean(), "true: a part of the internet");
    field("acl", &SubnetEntry::acl, section(network_acl_section()), kAclHelp).default_text = kNoAcl;
  }
};

// A site's subnets lie in the site.
struct SiteSubnetTable : Section<SubnetEntry> {
  SiteSubnetTable() : Section("subnet of a site", "Addresses of a site.") {
    required("cidr", &SubnetEntry::cidr, subnet(), "its addresses, such as 172.16.0.0/24");
    field("acl", &SubnetEntry::acl, section(network_acl_section()), kAclHelp).default_text = kNoAcl;
  }
};

struct SiteTable : Section<SiteEntry> {
  SiteTable() : Section("site", "A network of the user's own, elsewhere.") {
    static const SiteSubnetTable subnets;
    required("subnets", &SiteEntry::subnets, named(subnets, &SubnetEntry::name),
             "its subnets by name");
  }
};

struct PlaceLinkTable : Section<PlaceLinkEntry> {
  using P = PlaceLinkEntry;
  using K = PlaceLinkSpec::Kind;
  PlaceLinkTable() : Section("link between places", "Joins two zones, or a zone and a site.") {
    field("between", &P::between, names(), "the two that it joins").default_text =
        "those that its name says: az1-office";
    field("kind", &P::kind,
          choice<K>({{"zone_to_zone", K::zone_to_zone},
                     {"vpn", K::vpn},
                     {"direct_connect", K::direct_connect},
                     {"peering", K::peering}}),
          "what it is, which says how long its packets may be unless `mtu` does: vpn 1400 B (room "
          "for ESP), the others 1500 B");
    field(
        "rate", [](auto& l) -> auto& { return l.link.rate_bits_per_second; }, bit_rate(),
        "bits per second in each direction");
    field(
        "delay", [](auto& l) -> auto& { return l.link.delay; }, duration(Duration(0), hours(1)),
        "propagation time of one direction");
    field(
        "jitter", [](auto& l) -> auto& { return l.link.jitter; }, duration(Duration(0), hours(1)),
        "each packet is delayed by a uniform share of this more, and may overtake another");
    field(
        "loss", [](auto& l) -> auto& { return l.link.loss; }, share(),
        "probability that a packet is lost, in each direction");
    field(
        "queue", [](auto& l) -> auto& { return l.link.queue_packets; },
        integer<std::uint32_t>(1, 10'000'000),
        "packets that wait for the wire in each direction; more are dropped");
    field("mtu", &P::mtu_bytes, integer<std::uint32_t>(576, 9000),
          "bytes of the longest IP packet; longer ones are answered with ICMP (RFC 1191)")
        .default_text = "that of its kind";
  }
};

}  // namespace

const Section<NetworkEntry>& network_section() {
  static const NetworkTable table;
  return table;
}

const Section<ZoneEntry>& zone_section() {
  static const ZoneTable table;
  return table;
}

const Section<SubnetEntry>& subnet_section() {
  static const SubnetTable table;
  return table;
}

const Section<SiteEntry>& site_section() {
  static const SiteTable table;
  return table;
}

const Section<PlaceLinkEntry>& place_link_section() {
  static const PlaceLinkTable table;
  return table;
}

}  // namespace elblab::language
