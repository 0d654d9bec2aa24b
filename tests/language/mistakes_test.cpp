// Every kind of mistake, with what the user reads. Each row changes the example in one place.
#include <boost/test/unit_test.hpp>

#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

using testing::errors_of;
using testing::kExample;
using testing::with;

struct Mistake {
  std::string from;
  std::string to;
  std::string first_line;  // of the answer, without "x.yaml:"
  std::string suggestion;  // at its end
};

const std::vector<Mistake> kMistakes{
    // keys
    {"profile: dedicated", "profil: dedicated", "5:1: unknown key 'profil' in the scenario",
     "did you mean 'profile'?"},
    {"role: client, ", "", "8:3: host 'c1' needs a 'subnet', or a 'role'", ""},
    {"title: One client exhausts its ports with short connections\n", "",
     "2:1: the scenario needs 'title': what it shows, in one line", ""},
    {"profile: dedicated",
     "profile:", "5:1: 'profile' needs a value: one of shared-2020, shared, dedicated", ""},
    {"{role: client, link: {rate: 1Gbps, delay: 2ms}}", "client",
     "8:14: host must be a map of role, subnet, behind, …, not a single value", ""},
    {"nodes: {lvs: 2}", "nodes: [2]", "14:10: nodes must be a map of lvs, nginx, not a list", ""},
    // values
    {"rate: 1Gbps, delay: 2ms", "rate: 1Gbps, delay: 2",
     "8:56: '2' needs a unit: a duration such as 30s, 200ms, 200us, 5min or 1h", ""},
    {"rate: 1Gbps, delay: 2ms", "rate: fast, delay: 2ms",
     "8:42: 'fast' is not a rate; write 10Mbps or 1Gbps", ""},
    {"rate: 1Gbps, delay: 2ms", "rate: 0bps, delay: 2ms",
     "8:42: 0bps is out of range: allowed are 1bps … 1000Gbps", ""},
    {"delay: 2ms", "loss: 120%", "8:55: 120% is out of range: allowed are 0% … 100%", ""},
    {"port: 80,", "port: 70000,", "16:32: port 70000 is out of range: allowed are 1 … 65535", ""},
    {"port: 80,", "port: 0,", "16:32: port 0 is out of range: allowed are 1 … 65535", ""},
    {"port: 80,", "port: 90-80,", "16:32: port range '90-80' ends before it begins", ""},
    {"port: 80,", "port: http,", "16:32: 'http' is not a port; write 80 or 80-90", ""},
    {"{b1: {port: 90}", "{b1: {port: 010}",
     "20:28: '010' begins with a zero, which some readers take for octal; write the plain decimal "
     "number",
     ""},
    {"{b1: {port: 90}", "{b1: {port: \"90\"}",
     "20:28: expected whole number 1 … 65535, not text in quotes", ""},
    {"{b1: {port: 90}", "{b1: {port: 90, weight: 101}",
     "20:40: 101 is out of range: allowed are 0 … 100", ""},
    {"lvs: 2", "lvs: yes", "14:16: 'yes' is not a whole number", ""},
    {"role: client", "role: clint", "8:21: 'clint' is not one of: client, server",
     "did you mean 'client'?"},
    {"address: 198.51.100.10", "address: 198.51.100.300",
     "12:12: '198.51.100.300' is not an IP address", ""},
    {"10.0.1.0/24", "10.0.1.0/33",
     "13:19: '10.0.1.0/33' is not a subnet; write an address and a prefix length, 10.0.1.0/24", ""},
    {"request: 200B", "request: 20B", "24:76: 20B is out of range: allowed are 24B … 1000GB", ""},
    {"request: 200B", "request: 200",
     "24:76: '200' needs a unit: a size such as 200B, 1KB (1000 B), "
     "1KiB (1024 B) or 10MB",
     ""},
    {"short_connections: 940/s", "short_connections: 940",
     "24:49: '940' needs a unit: a number per second such as 940/s", ""},
    {"profile: dedicated", "profile: dedicated\nseeds: 0",
     "6:8: 0 is out of range: allowed are 1 … 10000", ""},
    // choices
    {"short_connections: 940/s, ", "",
     "24:3: workload needs exactly one of: short_connections, "
     "persistent, datagrams, users, quic",
     ""},
    {"for: 300s", "for: 300s, users: 3",
     "24:67: 'users' and 'short_connections' exclude each other in workload", ""},
    {"for: 300s", "for: 300s, think_time: 1s", "24:67: 'think_time' goes with 'users'", ""},
    {"for: 300s", "for: 300s, roam_every: 1s", "24:67: 'roam_every' goes with 'users'", ""},
    {"for: 300s", "for: 300s, sessions: shared", "24:67: 'sessions' goes with 'users'", ""},
    {"short_connections: 940/s", "users: 3, roam_every: 1s",
     "24:52: 3 users roam at host 'c1', which has 1 address: two for each are needed", ""},
    {"for: 300s", "for: 300s, requests: 1/s", "24:67: 'requests' goes with 'persistent' and 'quic'",
     ""},
    {"for: 300s", "for: 300s, address_change: 1s", "24:67: 'address_change' goes with 'quic'", ""},
    // names
    {"from: c1", "from: c2", "24:17: there is no host named 'c2'", "did you mean 'c1'?"},
    {"from: c1", "from: b1", "24:17: host 'b1' is a server; load comes from clients", ""},
    {"to: web", "to: wep", "24:25: there is no listener named 'wep'", "did you mean 'web'?"},
    {"group: app}", "group: apq}", "16:43: there is no group named 'apq'", "did you mean 'app'?"},
    {"b4: {port: 90}", "b5: {port: 90}", "20:65: there is no host named 'b5'",
     "did you mean 'b1'?"},
    {"      protocol: tcp\n", "      slow_start: 30s\n",
     "21:7: there is no slow start of servers: nothing that is known of the service tells of one, "
     "and a server that comes back gets its share of new connections at once; to raise it step by "
     "step, set its weight in the timeline",
     ""},
    {"b4: {port: 90}", "c1: {port: 90}", "20:65: host 'c1' is a client; a group needs servers", ""},
    {"  groups:\n", "  groups:\n    idle: {servers: {b1: {port: 90}}}\n",
     "18:5: no listener uses group 'idle' in any run, and it names no 'protocol'", ""},
    {"  burst:", "  burst one:", "24:3: 'burst one' is not a name: letters, digits, '-' and '_'",
     ""},
    {"profile: dedicated", "profile: dedicated\nprofile: shared",
     "6:1: key 'profile' stands here a second time", ""},
    {"symptom: {}", "symptom: {title: 28,232 ports}", "27:23: unknown key '232 ports' in run",
     "text with a comma needs quotes inside braces"},
    // addresses
    {"{role: server, link", "{role: server, addresses: 10.9.9.9, link",
     "9:40: 10.9.9.9 is outside the network of servers: allowed is 192.168.1.0/24, 2001:db8:2::/64",
     ""},
    {"role: client, ", "role: client, addresses: 203.0.114.1, ",
     "8:40: 203.0.114.1 is outside the network of clients: allowed is 203.0.113.0/24, "
     "198.18.0.0/15, 2001:db8:1::/64",
     ""},
    {"{role: server, link", "{role: server, addresses: 192.168.1.7, link",
     "9:40: 192.168.1.7 is an address of host b1 already", ""},
    {"role: client, ", "role: client, addresses: 65537, ",
     "8:40: 65537 is out of range: allowed are 1 … 65536", ""},
    {"role: client, ", "role: client, addresses: none, ",
     "8:40: 'none' is neither a number of addresses nor an IP address nor a range of them "
     "(203.0.113.1-203.0.113.4)",
     ""},
    {"hosts:\n",
     "networks: {clients: 203.0.113.0/30}\nhosts:\n  c2: {role: client, addresses: 3}\n",
     "9:33: no subnet has room for 3 addresses of c2: 203.0.113.0/30", ""},
    {"hosts:\n",
     "networks: {servers: 198.51.100.0/24}\nhosts:\n  z: {role: server, addresses: "
     "198.51.100.10}\n",
     "9:32: 198.51.100.10 is the virtual address of a balancer", ""},
    // settings of the kernel
    {"role: client, ", "role: client, sysctl: {net.ipv4.tcp_fin_timout: 3}, ",
     "8:38: unknown kernel setting 'net.ipv4.tcp_fin_timout'",
     "did you mean 'net.ipv4.tcp_fin_timeout'?"},
    {"role: client, ", "role: client, sysctl: {net.ipv4.ip_local_port_range: 5}, ",
     "8:68: expected the first and the last port: \"32768 60999\" or [32768, 60999]", ""},
    {"role: client, ", "role: client, service: {time: 1s}, ", "8:29: a client has no service", ""},
    {"delay: 2ms", "segment: lan", "8:49: only a link of kind csma has a segment", ""},
    // settings that a stack does not obey
    {"{role: client, link: {rate: 1Gbps, delay: 2ms}}",
     "{role: client, stack: ns3, sysctl: {net.ipv4.tcp_syn_retries: 1}}",
     "8:41: host c1 runs the TCP of ns-3, which has no kernel settings", ""},
    {"{role: client, link: {rate: 1Gbps, delay: 2ms}}", "{role: client, stack: ns3, time_wait: 2s}",
     "8:52: host c1 runs the TCP of ns-3, which decides itself how long TIME_WAIT lasts", ""},
    {"{role: client, link: {rate: 1Gbps, delay: 2ms}}",
     "{role: client, stack: ns3, initial_sequence: random}",
     "8:59: host c1 runs the TCP of ns-3, which chooses its own sequence numbers", ""},
    // time
    {", for: 300s", "",
     "24:3: workload 'burst' has no end: give it 'for', or the scenario a 'duration'", ""},
    {"for: 300s", "begin: 400s",
     "24:3: workload 'burst' has no end: give it 'for', or the scenario a 'duration'", ""},
    // timeline
    {"runs:\n", "timeline:\n  - {at: 1s, link_down: c9}\nruns:\n",
     "27:25: there is no host named 'c9'", ""},
    {"runs:\n", "timeline:\n  - {at: 1s, set_weight: app/b9, weight: 1}\nruns:\n",
     "27:26: there is no server 'app/b9'; write group/server", "did you mean 'app/b1'?"},
    {"runs:\n", "timeline:\n  - {at: 1s, set_weight: app/b1}\nruns:\n",
     "27:14: 'set_weight' needs 'weight'", ""},
    {"runs:\n", "timeline:\n  - {at: 1s, link_up: c1, weight: 4}\nruns:\n",
     "27:27: 'weight' goes with 'set_weight'", ""},
    {"runs:\n", "timeline:\n  - {at: 999s, link_up: c1}\nruns:\n",
     "27:10: after the end of the run", ""},
    {"runs:\n", "timeline:\n  - {at: 1s}\nruns:\n",
     "27:5: timeline entry needs exactly one of: link_down, link_up, stop_service, start_service, "
     "zone_down, zone_up, set_weight, disable_server, enable_server, set_sysctl, set_loss, "
     "set_bandwidth, set, remove",
     ""},
    {"runs:\n", "timeline:\n  - {at: 1s, stop_service: c1}\nruns:\n",
     "27:28: host 'c1' is a client and has no service", ""},
    {"hosts:\n  c1:        {role: client, ",
     "timeline:\n  - {at: 1s, set_sysctl: c1, name: net.ipv4.tcp_syn_retries, value: 1}\n"
     "hosts:\n  c1:        {role: client, stack: ns3, ",
     "8:26: host 'c1' runs the TCP of ns-3, which has no kernel settings", ""},
    {"runs:\n",
     "timeline:\n"
     "  - {at: 9s, set_sysctl: c1, name: net.ipv4.ip_local_port_range.high, value: 65535}\n"
     "  - {at: 1s, set_sysctl: c1, name: net.ipv4.ip_local_port_range.low, value: 61000}\nruns:\n",
     "28:77: the ephemeral ports of c1 would then end (60999) before they begin (61000): change "
     "the "
     "other end first",
     ""},
    {"runs:\n", "timeline:\n  - {at: 1s, set_bandwidth: balancer, bandwidth: 1Mbps}\nruns:\n",
     "27:29: the balancer has no bandwidth to change: give it an 'eip'", ""},
    {"runs:\n", "timeline:\n  - {at: 1s, set_bandwidth: c1, bandwidth: 1Mbps}\nruns:\n",
     "27:29: 'c1' has no bandwidth to set: write balancer", ""},
    {"runs:\n", "timeline:\n  - {at: 1s, set_bandwidth: balancer}\nruns:\n",
     "27:14: 'set_bandwidth' needs 'bandwidth'", ""},
    {"short_connections: 940/s", "users: 3, on_off: {on: 1s, off: 1s}",
     "24:40: 'on_off' needs a rate: it does not go with 'users'", ""},
    {"short_connections: 940/s", "short_connections: 940/s, on_off: {on: 1s}",
     "24:64: on_off needs 'off': pause between two bursts", ""},
    {"  nodes: {lvs: 2}\n", "  eip: {burst: 10KB}\n",
     "14:8: eip needs 'bandwidth': bits per second in each direction", ""},
    {"  nodes: {lvs: 2}\n", "  eip: {bandwidth: 10}\n",
     "14:20: '10' needs a unit: a rate such as 10Mbps or 1Gbps", ""},
    {"  nodes: {lvs: 2}\n", "  eip: {bandwidth: 10Mbps, burst: 10B}\n",
     "14:35: 10B is out of range: allowed are 1500B … 100MB", ""},
    {"  nodes: {lvs: 2}\n", "  eip: {bandwidth: 10bps}\n",
     "14:20: a public address needs a bandwidth of at least 1 kbit/s (BW-01)", ""},
};

BOOST_AUTO_TEST_SUITE(mistakes)

BOOST_AUTO_TEST_CASE(each_is_answered_at_its_place) {
  for (const Mistake& mistake : kMistakes) {
    const std::string answer = errors_of(with(kExample, mistake.from, mistake.to));
    BOOST_TEST_CONTEXT(mistake.to) {
      BOOST_TEST(!answer.empty());
      BOOST_TEST(answer.substr(0, answer.find('\n')) == "x.yaml:" + mistake.first_line);
      if (mistake.suggestion.empty()) {
        BOOST_TEST((answer.ends_with('^') || answer.find("\nx.yaml:") != std::string::npos),
                   answer);
      } else {
        BOOST_TEST(answer.find("^ " + mistake.suggestion) != std::string::npos, answer);
      }
    }
  }
}

// Where a message begins with what is wrong, the caret stands under just that.
BOOST_AUTO_TEST_CASE(the_caret_stands_under_what_the_message_names) {
  std::size_t named = 0;
  for (const Mistake& mistake : kMistakes) {
    const auto errors =
        ScenarioFile::parse(with(kExample, mistake.from, mistake.to), "x.yaml").errors;
    const Diagnostic& error = errors.at(0);
    if (!error.message.starts_with('\'')) continue;
    const std::string token = error.message.substr(1, error.message.find('\'', 1) - 1);
    const std::string marked = error.source_line.substr(static_cast<std::size_t>(error.column - 1),
                                                        static_cast<std::size_t>(error.length));
    // 'about' needs …: the name of a field; '940' needs …: its value; both stand there.
    BOOST_TEST(marked.starts_with(token), error.to_string());
    ++named;
  }
  BOOST_TEST(named >= 15u);
}

BOOST_AUTO_TEST_CASE(several_mistakes_are_answered_at_once_in_the_order_of_lines) {
  std::string text = with(kExample, "to: web", "too: web");
  text = with(text, "port: 80,", "port: 70000,");
  text = with(text, "delay: 2ms", "dealy: 2ms");
  const auto errors = ScenarioFile::parse(text, "x.yaml").errors;
  BOOST_REQUIRE_EQUAL(errors.size(), 3u);
  BOOST_TEST(errors[0].line == 8);
  BOOST_TEST(errors[1].line == 16);
  BOOST_TEST(errors[2].line == 24);
}

BOOST_AUTO_TEST_CASE(a_mistake_in_a_line_for_four_hosts_is_answered_once) {
  const auto errors =
      ScenarioFile::parse(with(kExample, "delay: 200us", "dealy: 200us"), "x.yaml").errors;
  BOOST_TEST(errors.size() == 1u);
}

// The rule is that of models/config; here it matters that the line is found.
BOOST_AUTO_TEST_CASE(what_the_catalogue_forbids_is_answered_at_its_line) {
  const std::string shared = with(kExample, "profile: dedicated", "profile: shared-2020");
  const std::string answer = errors_of(with(shared, "port: 80,", "port: 80-90,"));
  BOOST_TEST(answer.starts_with("x.yaml:16:32: "), answer);
  BOOST_TEST(answer.find("shared-2020 has no port-range listeners") != std::string::npos, answer);
  const std::string unsupported =
      errors_of(with(kExample, "algorithm: weighted_round_robin", "algorithm: connection_id"));
  BOOST_TEST(unsupported.starts_with("x.yaml:19:18: "), unsupported);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
