// The top level, runs and expectations.
#include <set>

#include "scenarios/language/access_sections.hpp"
#include "scenarios/language/known_causes.hpp"
#include "scenarios/language/sections.hpp"

namespace elblab::language {
namespace {

// A value whose unit is that of the measure: checked where the measure is known.
Codec<std::string> quantity() {
  Codec<std::string> codec = text();
  codec.type.text = "number, with the unit of the measure";
  codec.type.schema = {{"type", {"number", "string"}}};
  codec.write = [](const std::string& value) { return Node::scalar(value); };
  return codec;
}

Codec<std::string> cause() {
  std::vector<std::pair<std::string, std::string>> words;
  for (const KnownCause& each : known_causes()) words.emplace_back(each.name, each.name);
  words.emplace_back(kNoCause, kNoCause);
  return choice<std::string>(words);
}

struct RunTable : Section<RunEntry> {
  RunTable() : Section("run", "One run of the scenario, with what it changes.") {
    field("title", &RunEntry::title, text(), "what the run is about");
    field("why", &RunEntry::why, text(), "why it shows what it shows");
    field("set", &RunEntry::set, path_values(),
          "paths and the values they get; a map is merged, ~ removes");
  }
};

struct ExpectTable : Section<ExpectItem> {
  using E = ExpectItem;
  ExpectTable()
      : Section("expectation",
                "What a run must show: a condition on a measure, or what the diagnosis says.") {
    field("measure", &E::measure, text(), "name(object): see docs/measures.md").default_text =
        "none: of the diagnosis";
    field("stat", &E::stat,
          choice<Stat>({{"total", Stat::total},
                        {"mean", Stat::mean},
                        {"max", Stat::max},
                        {"min", Stat::min},
                        {"last", Stat::last}}),
          "which figure of it")
        .default_text = "total of a counter, mean of a gauge";
    field("from", &E::from, duration(), "begin of the part of the run that counts").default_text =
        "0s";
    field("to", &E::to, duration(), "its end").default_text = "the end of the run";
    field("window", &E::window, duration(std::chrono::milliseconds(1)),
          "every window of this length must satisfy the condition")
        .default_text = "none";
    field("relative_to", &E::relative_to, name(), "another run: the value is divided by that run's")
        .default_text = "none";
    conditions();
  }
  void conditions() {
    const auto add = [](FieldInfo& info) { info.choice = "condition"; };
    add(field("equals", &E::equals, quantity(), "exactly this"));
    add(field("within", &E::within, list_of(quantity()), "[low, high], ends included"));
    add(field("about", &E::about, quantity(), "this, give or take `tolerance`"));
    add(field("above", &E::above, quantity(), "more than this"));
    add(field("below", &E::below, quantity(), "less than this"));
    add(field("at_least", &E::at_least, quantity(), "this or more"));
    add(field("at_most", &E::at_most, quantity(), "this or less"));
    add(field(
        "diagnosis", &E::diagnosis, list_of(cause()),
        "instead of a measure: the cause that explains most, or as many of them as are named; "
        "none: nothing is wrong"));
    exactly_one("condition");
    field("tolerance", &E::tolerance, share(), "share of `about` by which the value may differ");
    check([](const Node& node, Diagnostics& d, ExpectItem& item) {
      if (item.diagnosis) return check_diagnosis(node, d, item);
      if (!node.find("measure")) {
        return d.error(node.place,
                       "expectation needs 'measure': name(object): see docs/measures.md");
      }
      const Entry* about = node.find("about");
      const Entry* tolerance = node.find("tolerance");
      if (about && !tolerance) d.error(about->key_place, "'about' needs a 'tolerance' such as 5%");
      if (tolerance && !about) d.error(tolerance->key_place, "'tolerance' goes with 'about'");
      const Entry* within = node.find("within");
      if (within && item.within->size() != 2) {
        d.error(within->value.place, "'within' needs two values: [low, high]");
      }
    });
  }
  static void check_diagnosis(const Node& node, Diagnostics& d, const ExpectItem& item) {
    for (const Entry& entry : node.entries) {
      if (entry.key == "diagnosis") continue;
      d.error(entry.key_place, "'" + entry.key + "' is about a measure, not about the diagnosis");
      return;
    }
    const auto& causes = *item.diagnosis;
    const Place& place = node.find("diagnosis")->value.place;
    const std::set<std::string> distinct(causes.begin(), causes.end());
    if (causes.empty()) {
      d.error(place, "'diagnosis' needs a cause, or none");
    } else if (distinct.size() < causes.size()) {
      d.error(place, "'diagnosis' names a cause twice");
    } else if (causes.size() > 1 && distinct.contains(std::string(kNoCause))) {
      d.error(place, "'none' stands alone: either something is wrong or nothing is");
    }
  }
};

// How many repetitions (3: seeds 1, 2, 3) or which seeds.
Codec<std::vector<std::uint64_t>> seeds() {
  constexpr std::int64_t kMost = 10'000;
  Codec<std::vector<std::uint64_t>> codec =
      list_of(integer<std::uint64_t>(0, std::numeric_limits<std::int64_t>::max()));
  codec.type = {"number of repetitions, or list of seeds",
                Json{{"anyOf",
                      {{{"type", "integer"}, {"minimum", 1}, {"maximum", kMost}},
                       {{"type", "array"},
                        {"items", {{"type", "integer"}, {"minimum", 0}}},
                        {"minItems", 1}}}}}};
  const auto read_list = codec.read;
  codec.read = [read_list](const Node& node, Diagnostics& d, std::vector<std::uint64_t>& values) {
    if (node.is_list()) {
      if (node.items.empty()) {
        d.error(node.place, "at least one seed is needed");
        return false;
      }
      return read_list(node, d, values);
    }
    std::uint64_t count = 0;
    if (!integer<std::uint64_t>(1, kMost).read(node, d, count)) return false;
    values.clear();
    for (std::uint64_t seed = 1; seed <= count; ++seed) values.push_back(seed);
    return true;
  };
  return codec;
}

// run -> list of expectations.
Codec<std::vector<ExpectEntry>> expectations() {
  const Codec<std::vector<ExpectItem>> items = listed(expect_section());
  Codec<std::vector<ExpectEntry>> codec;
  codec.type = {"map of runs (or all) to lists of expectations",
                {},
                TypeInfo::Shape::one_or_many,
                &expect_section().info()};
  codec.read = [items](const Node& node, Diagnostics& d, std::vector<ExpectEntry>& entries) {
    if (!node.is_map() && !node.is_null()) {
      d.error(node.place, "expected a map of runs to lists of expectations");
      return false;
    }
    const std::size_t errors = d.size();
    std::vector<ExpectEntry> read;
    for (const Entry& entry : node.entries) {
      ExpectEntry one{entry.key, {}};
      items.read(entry.value, d, one.items);
      read.push_back(std::move(one));
    }
    entries = std::move(read);
    return d.size() == errors;
  };
  codec.write = [items](const std::vector<ExpectEntry>& entries) {
    Node node = Node::map();
    for (const ExpectEntry& entry : entries) node.put(entry.run, items.write(entry.items));
    return node;
  };
  return codec;
}

struct LiveRunTable : Section<LiveRunEntry> {
  LiveRunTable() : Section("live run", "A run that is also run live, with what it changes then.") {
    field("set", &LiveRunEntry::set, path_values(),
          "as in a run, after the run's own `set` and that of the live section");
  }
};

struct LiveTable : Section<LiveEntry> {
  using L = LiveEntry;
  LiveTable()
      : Section("live",
                "What changes when the scenario is run on real Linux hosts, and in the simulation "
                "that is compared with them.") {
    field("runs", &L::runs, named(only<LiveRunTable>(), &LiveRunEntry::name),
          "runs of the scenario that are run live")
        .default_text = "all of them";
    field("set", &L::set, path_values(), "paths and the values they get in every live run");
    field("expect", &L::expect, expectations(),
          "what live runs must show, in place of all expectations of the file")
        .default_text = "those of the file";
    field("tolerance", &L::tolerance, share(),
          "share by which a figure may differ between the two worlds");
  }
};

struct BalancerDocumentTable : Section<BalancerDocument> {
  using D = BalancerDocument;
  BalancerDocumentTable()
      : Section("the balancer file",
                "The top level of a balancer file: a balancer on its own, without hosts.") {
    field("profile", &D::profile, profile_name(), "which service: the defaults of the balancer");
    field("balancer", &D::balancer, section(addressed_balancer_section()),
          "the load balancer, as in a scenario; its servers carry their addresses")
        .choice = "balancers";
    field("balancers", &D::balancers, named(addressed_balancer_section(), &BalancerEntry::name),
          "several of them by name")
        .choice = "balancers";
    exactly_one("balancers");
  }
};

struct DocumentTable : Section<Document> {
  using D = Document;
  DocumentTable() : Section("the scenario", "The top level of a scenario file.") {
    required("scenario", &D::id, name(), "its id, such as TW-01");
    required("title", &D::title, text(), "what it shows, in one line");
    field("text", &D::text, text(), "what it shows, at length");
    field("exercises", &D::exercises, names(), "catalogue rows it exercises");
    field("profile", &D::profile, profile_name(), "which service: the defaults of the balancer");
    field("seeds", &D::seeds, seeds(), "number of repetitions, or list of seeds");
    field("duration", &D::duration, duration(std::chrono::milliseconds(1)), "simulated time")
        .default_text = "to the end of the last workload";
    field("sample_interval", &D::sample_interval,
          duration(std::chrono::milliseconds(1), std::chrono::hours(1)),
          "time between two samples of a measure");
    field("why", &D::why, text(), "why the symptom appears; {max time_wait(c1)} becomes the value");
    field("remedy", &D::remedy, text(), "what helps; placeholders as in why");
    field("curves", &D::curves, list_of(text()), "measures to draw").default_text =
        "those of the expectations";
    field("networks", &D::networks, section(networks_section()),
          "where hosts have their addresses");
    field("network", &D::network, section(network_section()),
          "how the network between links and balancers behaves");
    field("zones", &D::zones, named(zone_section(), &ZoneEntry::name),
          "availability zones by name: each a network of its own");
    field("sites", &D::sites, named(site_section(), &SiteEntry::name),
          "networks of the user's own, elsewhere, by name");
    field("links", &D::links, named(place_link_section(), &PlaceLinkEntry::name),
          "what joins zones and sites, by name: az1-az2");
    field("subnets", &D::subnets, named(subnet_section(), &SubnetEntry::name),
          "subnets by name, that hosts are in");
    field("security_groups", &D::security_groups,
          named(security_group_section(), &config::SecurityGroup::name),
          "security groups by name, that hosts are in");
    required("hosts", &D::hosts, named(host_section(), &HostEntry::name),
             "hosts by name; b[1..4] stands for b1, b2, b3, b4");
    field("middleboxes", &D::middleboxes, named(middlebox_section(), &MiddleboxEntry::name),
          "NAT boxes by name, that hosts stand behind");
    field("balancer", &D::balancer, section(balancer_section()),
          "the load balancer; the same as `balancers` with one of that name")
        .choice = "balancers";
    field("balancers", &D::balancers, named(balancer_section(), &BalancerEntry::name),
          "load balancers by name")
        .choice = "balancers";
    exactly_one("balancers");
    required("workload", &D::workloads, named(workload_section(), &WorkloadEntry::name),
             "workloads by name");
    field("timeline", &D::timeline, listed(timeline_section()),
          "changes and faults during the run");
    field("runs", &D::runs, named(run_section(), &RunEntry::name),
          "runs by name; without any there is one, named run");
    field("expect", &D::expect, expectations(), "what each run must show; all: every run");
    field("live", &D::live, section(live_section()), "what changes on real Linux hosts");
  }
};

}  // namespace

Codec<Node> path_values() {
  Codec<Node> codec;
  codec.type = {"map of paths to values", {}, TypeInfo::Shape::paths, nullptr};
  codec.read = [](const Node& node, Diagnostics& d, Node& value) {
    if (!node.is_map() && !node.is_null()) {
      d.error(node.place,
              "expected a map of paths to values, such as "
              "{workload.burst.short_connections: 376/s}");
      return false;
    }
    value = node;
    return true;
  };
  codec.write = [](const Node& value) { return value; };
  return codec;
}

Codec<std::string> profile_name() {
  std::vector<std::pair<std::string, std::string>> words;
  for (const config::Profile& known : config::profiles()) {
    words.emplace_back(std::string(known.name), std::string(known.name));
  }
  return choice<std::string>(words);
}

const Section<RunEntry>& run_section() {
  static const RunTable table;
  return table;
}

const Section<ExpectItem>& expect_section() {
  static const ExpectTable table;
  return table;
}

const Section<LiveEntry>& live_section() { return only<LiveTable>(); }

const Section<BalancerDocument>& balancer_document_section() {
  static const BalancerDocumentTable table;
  return table;
}

const Section<Document>& document_section() {
  static const DocumentTable table;
  return table;
}

}  // namespace elblab::language
