// Tables of CDN and WAF, which are one thing with two names. docs/cdn.md says what their fields do.
#include "scenarios/language/sections.hpp"

namespace elblab::language {
namespace {

using std::chrono::hours;

// Of requests at once and of those that wait; more is a mistake in the file.
constexpr std::int64_t kMostRequests = 1'000'000;

template <typename Entry>
struct RelayTable : Section<Entry> {
  RelayTable(std::string name, std::string help)
      : Section<Entry>(std::move(name), std::move(help)) {
    where_to();
    using E = relay::EgressChoice;
    this->field(
        "egress", [](auto& e) -> auto& { return e.values.choice; },
        choice<E>({{"per_request", E::per_request},
                   {"per_connection", E::per_connection},
                   {"per_client", E::per_client}}),
        "which of its addresses the balancer sees: any, for each request; one for each connection "
        "of a client; one for each client's address, always the same");
    this->field("egress_addresses", &RelayEntry::egress_addresses,
                integer<std::uint32_t>(1, 65'536),
                "how many of its addresses it connects from, the first ones")
        .default_text = "all";
    bounds();
    this->refused("stickiness", "sessions are kept by the balancer's groups, not in front of it");
    this->refused("cache", "no cache is built: every request goes on to the balancer");
    this->refused("cookies", "what becomes of cookies is not built: requests have none yet");
  }

 private:
  void where_to() {
    Codec<std::string> goal = text();
    goal.type.text = "listener, or host with cdn or waf";
    this->required("to", &RelayEntry::to, std::move(goal),
                   "where it sends requests on to: a TCP listener, or another CDN or WAF");
    this->field("port", &RelayEntry::port, integer<std::uint16_t>(1, 65'535), "where it listens")
        .default_text = "that of `to`";
  }
  void bounds() {
    this->field(
        "keep_alive", [](auto& e) -> auto& { return e.values.keep_alive; },
        duration(Duration(0), hours(24)),
        "how long a connection to the balancer is kept idle, for further requests from its "
        "address; "
        "0s: each request has a connection of its own");
    this->field(
        "timeout", [](auto& e) -> auto& { return e.values.timeout; },
        duration(std::chrono::milliseconds(1), hours(24)),
        "how long it waits for a whole answer before it resets the client's connection");
    this->field(
        "connections", [](auto& e) -> auto& { return e.values.connections; },
        integer<std::uint32_t>(1, kMostRequests),
        "requests at the balancer at once, each on its own connection, and idle connections");
    this->field(
        "queue", [](auto& e) -> auto& { return e.values.queue; },
        integer<std::uint32_t>(0, kMostRequests),
        "requests that wait for their turn; the connections of further ones are reset");
  }
};

struct CdnTable : RelayTable<RelayEntry> {
  CdnTable()
      : RelayTable(
            "cdn",
            "A host that ends its clients' connections and asks a balancer over its own, from "
            "its own addresses.") {}
};

struct WafTable : RelayTable<WafEntry> {
  WafTable() : RelayTable("waf", "As cdn; it keeps to one address per connection of a client.") {}
};

}  // namespace

const Section<RelayEntry>& cdn_section() {
  static const CdnTable table;
  return table;
}

const Section<WafEntry>& waf_section() {
  static const WafTable table;
  return table;
}

WafEntry::WafEntry() { values.choice = relay::EgressChoice::per_connection; }

}  // namespace elblab::language
