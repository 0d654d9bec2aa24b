// elblab shares, from outside: what servers are due, and what moves when one goes.
#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/cli/program.hpp"
#include "tests/cli/scenario_folder.hpp"

namespace elblab::test {
namespace {

constexpr std::uint32_t kSlots = 65537;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Of characters, not bytes: UTF-8 continuation bytes take no column.
std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  std::size_t columns = 0;
  for (const char c : text) {
    if (c == '\n') columns = 0;
    if (c != '\n' && (static_cast<unsigned char>(c) & 0xC0) != 0x80) ++columns;
    widest = std::max(widest, columns);
  }
  return widest;
}

std::string balancer_file(const std::string& group) {
  return "profile: dedicated\nbalancer:\n  nodes: {lvs: 1}\n"
         "  listeners: {web: {protocol: tcp, port: 80, group: app}}\n  groups:\n    app: " +
         group + "\n";
}

const char* const kFourByHash =
    "{algorithm: source_ip_hash, servers: {\"b[1..4]\": {address: 10.0.1.11-10.0.1.14, port: 90}}}";
const char* const kThreeByWeight =
    "{servers: {b1: {address: 10.0.1.1, port: 90, weight: 5}, b2: {address: 10.0.1.2, port: 90, "
    "weight: 2}, b3: {address: 10.0.1.3, port: 90, weight: 1}}}";

struct Fixture {
  ScenarioFolder folder;
  Surroundings here{folder.path().string(), {}, {}};

  std::string file(const std::string& group) {
    return folder.write("lb.yaml", balancer_file(group));
  }
  Ended shares(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "shares");
    return run_program(arguments, here);
  }
  nlohmann::json told(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--format", "json"});
    const Ended ended = shares(arguments);
    BOOST_REQUIRE_MESSAGE(ended.exit_code == 0, ended.err);
    return nlohmann::json::parse(ended.out);
  }
  nlohmann::json view(const std::vector<std::string>& arguments) {
    return told(arguments)["balancers"][0]["groups"][0]["views"][0];
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(shares, Fixture)

BOOST_AUTO_TEST_CASE(weights_are_shares_and_the_turns_of_a_round_are_told) {
  const auto view = this->view({file(kThreeByWeight)});
  BOOST_TEST(view["servers"][0]["due_share"] == 5.0 / 8);
  BOOST_TEST(view["servers"][1]["due_share"] == 2.0 / 8);
  BOOST_TEST(view["servers"][2]["due_share"] == 1.0 / 8);
  BOOST_TEST(view["turns_in_round"] == 8);
  // By hand, the largest credit first: 5 2 1, then 2 4 2, 7 -2 3, 4 0 4, 1 2 5 ...
  const nlohmann::json turns{"b1", "b2", "b1", "b1", "b3", "b1", "b2", "b1"};
  BOOST_TEST(view["turns"].dump() == turns.dump());
}

BOOST_AUTO_TEST_CASE(without_a_server_the_others_share_what_it_had) {
  const auto removals = view({file(kThreeByWeight)})["removals"];
  BOOST_REQUIRE(removals.size() == 3U);
  BOOST_TEST(removals[0]["removed"] == "b1");
  BOOST_TEST(removals[0]["others_grow_by"] == 8.0 / 3);
  BOOST_TEST(removals[2]["others_grow_by"] == 8.0 / 7);
  const Ended ended = shares({file(kThreeByWeight), "--removed", "b1"});
  BOOST_TEST(holds(ended.out, "b2 66.67 %"), ended.out);  // 2 of 3
  BOOST_TEST(!holds(ended.out, "without b2"));
}

BOOST_AUTO_TEST_CASE(slots_and_what_moves_are_counted_of_both_tables) {
  const auto view = this->view({file(kFourByHash)});
  for (std::size_t i = 0; i < 4; ++i) {
    // 65,537 = 4 × 16,384 + 1
    const auto& slots = view["servers"][i]["slots"];
    BOOST_TEST(slots["table"] == (i == 0 ? 16385 : 16384));
    BOOST_TEST(slots["consistent"].get<int>() >= 16384);
    BOOST_TEST(slots["consistent"].get<int>() <= 16385);
    std::uint32_t moved = 0;
    for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
      const std::uint32_t now = slot % 3;  // of those that are left, in their order
      if (slot % 4 != i && slot % 4 != now + (now >= i ? 1 : 0)) ++moved;
    }
    BOOST_TEST(view["removals"][i]["table"]["slots_moved"] == moved);
  }
  // Counted by a program of its own, in another language.
  BOOST_TEST(view["removals"][0]["consistent"]["slots_of_removed"] == 16385);
  BOOST_TEST(view["removals"][0]["consistent"]["slots_moved"] == 39);
  BOOST_TEST(view["removals"][3]["consistent"]["slots_moved"] == 41);
}

BOOST_AUTO_TEST_CASE(one_of_n_servers_is_removed_without_any_file) {
  const auto examples =
      told({"--servers", "4", "10", "100", "1000", "--removed", "b1"})["examples"];
  BOOST_REQUIRE(examples.size() == 4U);
  constexpr std::array<std::array<int, 3>, 4> kCounted{
      {{4, 16385, 39}, {10, 6554, 164}, {100, 656, 368}, {1000, 66, 369}}};
  for (std::size_t i = 0; i < examples.size(); ++i) {
    BOOST_TEST(examples[i]["servers"] == kCounted[i][0]);
    BOOST_TEST(examples[i]["consistent"]["slots_of_removed"] == kCounted[i][1]);
    BOOST_TEST(examples[i]["consistent"]["slots_moved"] == kCounted[i][2]);
  }
  const Ended text = shares({"--servers", "4", "--removed", "b1"});
  BOOST_TEST(text.exit_code == 0);
  BOOST_TEST(holds(text.out, "4 without b1"), text.out);
  BOOST_TEST(holds(text.out, "16,385"), text.out);
}

BOOST_AUTO_TEST_CASE(clients_meet_the_servers_that_a_run_would_send_them_to) {
  // As many as IMB-10 counts in a run.
  const auto view = this->view({"IMB-10", "--client", "203.0.113.1-203.0.113.200"});
  constexpr std::array kClients{54, 47, 51, 48};
  for (std::size_t i = 0; i < kClients.size(); ++i) {
    BOOST_TEST(view["servers"][i]["clients"] == kClients[i]);
  }
  BOOST_TEST(view["imbalance"].get<double>() == 54 / 50.0, boost::test_tools::tolerance(1e-9));
  const auto removal = view["removals"][0]["consistent"];
  BOOST_TEST(removal["clients_of_removed"] == 54);
}

BOOST_AUTO_TEST_CASE(a_list_of_clients_may_hold_addresses_blocks_ranges_and_remarks) {
  const std::string list = folder.write("clients.txt",
                                        "# of a log\n203.0.113.7\n\n  203.0.113.7   # again\n"
                                        "203.0.113.0/28\r\n203.0.113.20-203.0.113.22\n");
  const auto json = told({file(kFourByHash), "--clients", list, "--each"});
  BOOST_TEST(json["clients"]["given"] == 2 + 16 + 3);
  BOOST_TEST(json["clients"]["addresses"] == 16 + 3);
  const auto& view = json["balancers"][0]["groups"][0]["views"][0];
  BOOST_REQUIRE(view["clients"].size() == 21U);
  BOOST_TEST(view["clients"][0]["server"] == view["clients"][1]["server"]);
  std::size_t sum = 0;
  for (const auto& server : view["servers"]) sum += server["clients"].get<std::size_t>();
  BOOST_TEST(sum == 21U);
}

BOOST_AUTO_TEST_CASE(by_weight_addresses_do_not_matter_and_connections_are_counted) {
  const auto view = this->view({file(kThreeByWeight), "--client", "203.0.113.0/24"});
  BOOST_TEST(view["servers"][0]["clients"] == 160);  // 5 of 8 of 256
  BOOST_TEST(view["servers"][1]["clients"] == 64);
  BOOST_TEST(view["servers"][2]["clients"] == 32);
}

BOOST_AUTO_TEST_CASE(a_server_of_weight_zero_has_no_share_and_cannot_go) {
  std::string group = kFourByHash;
  group = with(group, "\"b[1..4]\": {address: 10.0.1.11-10.0.1.14, port: 90}",
               "b1: {address: 10.0.1.1, port: 90, weight: 0}, b2: {address: 10.0.1.2, port: 90}");
  const auto view = this->view({file(group)});
  BOOST_TEST(view["servers"][0]["usable"] == false);
  BOOST_TEST(view["servers"][0]["slots"]["consistent"] == 0);
  BOOST_TEST(view["servers"][1]["due_share"] == 1);
  BOOST_REQUIRE(view["removals"].size() == 1U);
  BOOST_TEST(view["removals"][0]["removed"] == "b2");
}

BOOST_AUTO_TEST_CASE(clients_of_the_other_ip_version_are_not_those_of_a_group) {
  const auto view = this->view({file(kFourByHash), "--client", "2001:db8::/126", "10.9.9.9"});
  std::size_t sum = 0;
  for (const auto& server : view["servers"]) sum += server["clients"].get<std::size_t>();
  BOOST_TEST(sum == 1U);
}

// SCH-02: a connection begins where the hash leads.
BOOST_AUTO_TEST_CASE(a_quic_group_begins_connections_as_the_source_hash_does) {
  const auto view_of = [&](const std::string& how) {
    return view({folder.write(
        "lb.yaml",
        "profile: dedicated\nbalancer:\n  nodes: {lvs: 1}\n"
        "  listeners: {web: {protocol: udp, port: 80, group: app}}\n  groups:\n    app: {" +
            how + ", servers: {\"b[1..4]\": {address: 10.0.1.11-10.0.1.14, port: 90}}}\n")});
  };
  const auto by_hash = view_of("algorithm: source_ip_hash");
  const auto by_id = view_of("protocol: quic");
  BOOST_TEST(by_id["servers"].size() == 4u);
  BOOST_TEST((by_hash["servers"] == by_id["servers"]));
  BOOST_TEST((by_hash["removals"] == by_id["removals"]));
}

BOOST_AUTO_TEST_CASE(the_text_is_no_wider_than_eighty_columns) {
  const Ended hash = shares({file(kFourByHash), "--client", "203.0.113.0/24"});
  BOOST_TEST(widest_line(hash.out) <= 80U, hash.out);
  BOOST_TEST(holds(hash.out, "without b4"), hash.out);
  const Ended weights = shares({file(kThreeByWeight), "--client", "203.0.113.9"});
  BOOST_TEST(widest_line(weights.out) <= 80U, weights.out);
  BOOST_TEST(holds(weights.out, "62.50 %"), weights.out);
  BOOST_TEST(widest_line(shares({"--help"}).out) <= 100U);
}

BOOST_AUTO_TEST_CASE(mistakes_are_located_and_end_with_two) {
  const auto says = [&](const std::vector<std::string>& arguments, const std::string& part) {
    const Ended ended = shares(arguments);
    BOOST_TEST(ended.exit_code == 2, ended.out + ended.err);
    BOOST_TEST(ended.out.empty(), ended.out);
    BOOST_TEST(holds(ended.err, part), ended.err);
  };
  const std::string good = file(kFourByHash);
  says({}, "name a balancer file");
  says({"no-such"}, "no-such: no such file, and no scenario of that id");
  says({"imbalance"}, "name one of them");
  says({folder.write("bad.yaml", with(balancer_file(kFourByHash), "90", "0"))}, "bad.yaml:6:");
  says({good, "--removed", "b5"}, "--removed b5: " + good + " has no such server; did you mean");
  says({"--servers", "4", "--removed", "b5"}, "4 servers are called b1 … b4");
  says({"--servers", "1"}, "--servers");
  says({"--servers", "5001"}, "--servers");
  says({good, "--client", "10.0.0.1-10.0.0.0"}, "--client: '10.0.0.1-10.0.0.0' is no address");
  says({good, "--client", "10.0.0.0/8"}, "more than 1048576 clients");
  says({good, "--client", "2001:db8::/32"}, "more than 1048576 clients");
  says({good, "--clients", "none.txt"}, "none.txt: cannot read it");
  const std::string list = folder.write("c.txt", "10.0.0.1\n  somewhere\n");
  says({good, "--clients", list}, list + ":2:3: 'somewhere' is no address");
  says({good, "--clients", folder.write("empty.txt", "# nobody\n")}, "holds no address");
  says({good, "--clients", folder.path().string()}, "cannot read it");
  says({good, "--each"}, "--each goes with");
  says({good, "--seed", "3"}, "--seed goes with --servers");
  says({"--servers", "4", "--profile", "shared"}, "--profile goes with");
  says({good, "--profile", "sharde"}, "did you mean 'shared'");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::test
