// docs/measures.md is what models/telemetry/measures.hpp says, and docs/trace-schema.md and
// docs/metrics.md name every table, view and column there is.
//
// To write docs/measures.md anew: ELBLAB_WRITE_DOCUMENTS=1 <this program>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "analysis/trace/database.hpp"
#include "models/telemetry/measures.hpp"
#include "tests/must.hpp"
#include "tests/trace/trace_fixture.hpp"

namespace elblab::trace::test {
namespace {

using telemetry::MeasureKind;
using telemetry::MeasureScope;

struct ScopeText {
  MeasureScope scope;
  std::string title;
  std::string object;
};

std::string section(const ScopeText& scope) {
  std::string text = "\n## " + scope.title + "\n\n" + scope.object + "\n\n";
  text += "| measure | kind | unit | what it says |\n|---|---|---|---|\n";
  for (const auto& measure : telemetry::measures()) {
    if (measure.scope != scope.scope) continue;
    text += "| `" + std::string(measure.name) + "` | ";
    text += measure.kind == MeasureKind::gauge ? "gauge" : "counter";
    text += " | " + std::string(measure.unit) + " | " + std::string(measure.help);
    if (!measure.capacity.empty()) text += "; against `" + std::string(measure.capacity) + "`";
    text += " |\n";
  }
  return text;
}

std::string measures_page() {
  std::string page =
      "# Measures\n\n"
      "<!-- Generated from models/telemetry/measures.cpp; tests/trace/documents_test.cpp compares. "
      "-->\n\n"
      "What a run records over time, and what an expectation or a curve can ask for as\n"
      "`measure(object)`. A sample is taken every sample interval and at the end of the run: of a\n"
      "**counter** the increment since the sample before, of a **gauge** the level. The mean of a\n"
      "counter is a rate per second; its total is the sum. A gauge has no total.\n";
  const ScopeText scopes[] = {
      {MeasureScope::host, "Hosts", "`measure(<host>)`, for every client and server."},
      {MeasureScope::balancer, "Balancers",
       "`measure(<balancer>)`, over all its nodes; where a scenario has one under `balancer:`, it "
       "is\n"
       "called balancer."},
      {MeasureScope::server, "Servers",
       "`measure(<group>/<server>)`, a server as a group's member. With several balancers it is\n"
       "`measure(<balancer>/<group>/<server>)`; the balancer may be left out where only one has "
       "such\n"
       "a group and server."},
      {MeasureScope::workload, "Workloads", "`measure(<workload>)`, over all its clients."},
      {MeasureScope::link, "Links",
       "`measure(<host>)`, the link of that host; `measure(<link>)`, one between zones or sites."},
      {MeasureScope::network, "The network", "`measure(network)`, over all zones and sites."},
      {MeasureScope::middlebox, "NAT boxes", "`measure(<box>)`. See [nat.md](nat.md)."},
      {MeasureScope::listener, "Access lists of listeners",
       "`measure(<listener>)`, for listeners with `access`; with several balancers\n"
       "`measure(<balancer>/<listener>)`."},
      {MeasureScope::subnet, "Network ACLs of subnets",
       "`measure(<subnet>)`, for subnets with an `acl`; of a site `measure(<site>/<subnet>)`."},
      {MeasureScope::grouped_host, "Security groups of hosts",
       "`measure(<host>)`, for hosts with `security_groups`."},
      {MeasureScope::firewalled_host, "Firewalls of hosts",
       "`measure(<host>)`, for hosts with a `firewall`."},
      {MeasureScope::relay, "CDN and WAF",
       "`measure(<host>)`, for hosts with `cdn` or `waf`. See [cdn.md](cdn.md)."},
      {MeasureScope::session_host, "Servers that users come to",
       "`measure(<host>)`, for servers of groups in scenarios with a `quic` workload, or with a "
       "`users` workload whose `sessions` are local."},
      {MeasureScope::user_workload, "Workloads of users",
       "`measure(<workload>)`, for `users` workloads whose `sessions` are local."},
      {MeasureScope::sticky_group, "Groups with sticky sessions",
       "`measure(<group>)`, for groups with `stickiness` at some time of the run; with several\n"
       "balancers `measure(<balancer>/<group>)`. See [stickiness.md](stickiness.md)."},
      {MeasureScope::quic_group, "QUIC groups",
       "`measure(<group>)`, for groups scheduled by connection ID; with several balancers\n"
       "`measure(<balancer>/<group>)`. See [quic.md](quic.md)."},
      {MeasureScope::checked_balancer, "Balancers that check health",
       "`measure(<balancer>)`, for balancers with a `health_check` at some time of the run. See\n"
       "[health-checks.md](health-checks.md)."},
      {MeasureScope::checked_server, "Servers whose health is checked",
       "`measure(<group>/<server>)`, for all servers of such balancers."},
  };
  for (const ScopeText& scope : scopes) page += section(scope);
  return page;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

const std::filesystem::path kDocuments = std::filesystem::path(ELBLAB_SOURCE_DIR) / "docs";

BOOST_AUTO_TEST_SUITE(documents)

BOOST_AUTO_TEST_CASE(the_page_of_measures_is_the_table_of_measures) {
  if (std::getenv("ELBLAB_WRITE_DOCUMENTS") != nullptr) {
    std::ofstream(kDocuments / "measures.md", std::ios::binary) << measures_page();
  }
  BOOST_TEST(text_of(kDocuments / "measures.md") == measures_page());
}

BOOST_AUTO_TEST_CASE(the_pages_of_the_schema_name_every_table_and_column) {
  // The metrics' views have a page of their own.
  const std::string page =
      text_of(kDocuments / "trace-schema.md") + "\n" + text_of(kDocuments / "metrics.md");
  const TemporaryFolder folder;
  write_small_trace(folder / "t.db");
  const Database database = must(Database::open(folder / "t.db", SQLITE_OPEN_READONLY));
  Statement names(database, "SELECT name FROM sqlite_master ORDER BY name");
  while (names.step() == Step::row) {
    const std::string name(names.text(0));
    // The table's section, from its heading to the next.
    const std::size_t mention = page.find("`" + name + "`");
    BOOST_TEST(mention != std::string::npos,
               name << " is neither in docs/trace-schema.md nor in docs/metrics.md");
    const std::size_t heading = page.find("\n### `" + name + "`");
    Statement columns(database, "SELECT name FROM pragma_table_info('" + name + "')");
    if (heading == std::string::npos) continue;  // lookup tables and views share a paragraph
    const std::string section = page.substr(heading, page.find("\n#", heading + 1) - heading);
    while (columns.step() == Step::row) {
      const std::string column(columns.text(0));
      BOOST_TEST(section.find("`" + column + "`") != std::string::npos,
                 name << "." << column << " is not in docs/trace-schema.md");
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::trace::test
