// Sticky sessions: which algorithm goes with which type on which profile (STK-20 to STK-22,
// CON-03).
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "models/config/validation.hpp"
#include "tests/config/sample_balancer.hpp"

namespace elblab::config {
namespace {

using std::chrono::minutes;

constexpr auto kWrr = Algorithm::weighted_round_robin;
constexpr auto kWlc = Algorithm::weighted_least_connections;
constexpr auto kHash = Algorithm::source_ip_hash;

LoadBalancer sticky_balancer(const char* profile, Algorithm algorithm,
                             StickinessType type = StickinessType::source_ip,
                             BackendProtocol protocol = BackendProtocol::tcp) {
  LoadBalancer balancer = sample_balancer(profile);
  BackendGroup& group = balancer.groups[0];
  group.algorithm = algorithm;
  group.protocol = protocol;
  group.stickiness = Stickiness{};
  group.stickiness->type = type;
  if (type == StickinessType::application_cookie) group.stickiness->cookie_name = "SESSION";
  return balancer;
}

// What validate() says about the stickiness of group app.
std::vector<Problem> about_stickiness(const LoadBalancer& balancer) {
  std::vector<Problem> found = validate(balancer);
  std::erase_if(found, [](const Problem& problem) {
    return !problem.field.starts_with("groups.app.stickiness");
  });
  return found;
}

bool refuses_the_algorithm(const LoadBalancer& balancer) {
  const auto found = about_stickiness(balancer);
  return std::any_of(found.begin(), found.end(), [](const Problem& problem) {
    return problem.field == "groups.app.stickiness";
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stickiness_validation)

// The three tables as the sources print them: a row per profile and algorithm.
BOOST_AUTO_TEST_CASE(accepts_and_refuses_exactly_what_the_three_tables_say) {
  struct TableRow {
    const char* profile;
    Algorithm algorithm;
    bool by_source;
    bool by_cookie;
  };
  for (const TableRow& row : {TableRow{"shared-2020", kWrr, true, true},
                              {"shared-2020", kWlc, false, false},
                              {"shared-2020", kHash, true, false},
                              {"shared", kWrr, true, true},
                              {"shared", kWlc, true, true},
                              {"shared", kHash, false, false},
                              {"dedicated", kWrr, true, true},
                              {"dedicated", kWlc, true, true},
                              {"dedicated", kHash, false, false},
                              {"shared", Algorithm::connection_id, false, false},
                              {"dedicated", Algorithm::connection_id, true, false}}) {
    BOOST_TEST_CONTEXT(row.profile << " " << to_string(row.algorithm)) {
      BOOST_TEST(!refuses_the_algorithm(sticky_balancer(row.profile, row.algorithm)) ==
                 row.by_source);
      for (const auto cookie :
           {StickinessType::load_balancer_cookie, StickinessType::application_cookie}) {
        BOOST_TEST(!refuses_the_algorithm(sticky_balancer(row.profile, row.algorithm, cookie,
                                                          BackendProtocol::http)) == row.by_cookie);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(is_usable_at_layer_4) {
  for (const char* profile : {"shared-2020", "shared", "dedicated"}) {
    BOOST_TEST(validate(sticky_balancer(profile, kWrr)).empty());
  }
  BOOST_TEST(validate(sticky_balancer("dedicated", kWlc)).empty());
}

// "each refused combination says which rule and which profile would allow it"
BOOST_AUTO_TEST_CASE(names_the_rule_and_the_profiles_that_would_allow_it) {
  const auto least = about_stickiness(sticky_balancer("shared-2020", kWlc));
  BOOST_REQUIRE_EQUAL(least.size(), 1u);
  BOOST_TEST(least[0].fact == "STK-20");
  BOOST_TEST(least[0].message ==
             "algorithm weighted_least_connections takes no stickiness by source_ip with profile "
             "shared-2020 (STK-20); profiles shared (STK-21) and dedicated (STK-22) allow it");
  const auto hash = about_stickiness(sticky_balancer("dedicated", kHash));
  BOOST_REQUIRE_EQUAL(hash.size(), 1u);
  BOOST_TEST(hash[0].message ==
             "algorithm source_ip_hash takes no stickiness by source_ip with profile dedicated "
             "(STK-22); profile shared-2020 (STK-20) allows it");
  const auto none = about_stickiness(sticky_balancer(
      "shared", kHash, StickinessType::load_balancer_cookie, BackendProtocol::http));
  BOOST_TEST(std::any_of(none.begin(), none.end(), [](const Problem& problem) {
    return problem.message.find("no profile allows it") != std::string::npos;
  }));
}

// STK-02, STK-05, VAL-07
BOOST_AUTO_TEST_CASE(keeps_cookies_and_addresses_to_their_layers) {
  const auto cookie =
      about_stickiness(sticky_balancer("shared", kWrr, StickinessType::load_balancer_cookie));
  BOOST_REQUIRE_EQUAL(cookie.size(), 1u);
  BOOST_TEST(cookie[0].field == "groups.app.stickiness.type");
  BOOST_TEST(cookie[0].fact == "STK-02");
  const auto address = about_stickiness(
      sticky_balancer("shared", kWrr, StickinessType::source_ip, BackendProtocol::http));
  BOOST_REQUIRE_EQUAL(address.size(), 1u);
  BOOST_TEST(address[0].fact == "STK-02");

  LoadBalancer unnamed =
      sticky_balancer("shared", kWrr, StickinessType::application_cookie, BackendProtocol::http);
  unnamed.groups[0].stickiness->cookie_name.clear();
  const auto nameless = about_stickiness(unnamed);
  BOOST_TEST(std::any_of(nameless.begin(), nameless.end(), [](const Problem& problem) {
    return problem.field == "groups.app.stickiness.cookie_name" && problem.fact == "STK-05";
  }));
  LoadBalancer idle_name = sticky_balancer("shared", kWrr);
  idle_name.groups[0].stickiness->cookie_name = "SESSION";
  BOOST_REQUIRE_EQUAL(about_stickiness(idle_name).size(), 1u);
  BOOST_TEST(about_stickiness(idle_name)[0].fact == "STK-05");
}

// STK-13, STK-14, CON-02, LIM-06
BOOST_AUTO_TEST_CASE(checks_the_duration) {
  const auto lasting = [](const char* profile, Algorithm algorithm, int length) {
    LoadBalancer balancer = sticky_balancer(profile, algorithm);
    balancer.groups[0].stickiness->duration = minutes(length);
    return about_stickiness(balancer);
  };
  BOOST_TEST(lasting("shared", kWrr, 1).empty());
  BOOST_TEST(lasting("shared", kWrr, 60).empty());
  for (const int length : {0, -1, 61, 1440}) {
    const auto found = lasting("shared", kWrr, length);
    BOOST_REQUIRE_EQUAL(found.size(), 1u);
    BOOST_TEST(found[0].fact == "LIM-06");
  }
  BOOST_TEST(lasting("shared-2020", kWrr, 30).empty());
  BOOST_TEST(lasting("shared", kWlc, 30).empty());
  const auto with_hash = lasting("shared-2020", kHash, 30);
  BOOST_REQUIRE_EQUAL(with_hash.size(), 1u);
  BOOST_TEST(with_hash[0].fact == "STK-14");
  BOOST_TEST(with_hash[0].message.ends_with("; profiles shared and dedicated allow it"));
}

BOOST_AUTO_TEST_CASE(bounds_the_tables) {
  for (const std::uint32_t capacity : {0u, (1u << 24) + 1}) {
    LoadBalancer balancer = sticky_balancer("shared", kWrr);
    balancer.groups[0].stickiness->capacity = capacity;
    BOOST_REQUIRE_EQUAL(about_stickiness(balancer).size(), 1u);
    BOOST_TEST(about_stickiness(balancer)[0].field == "groups.app.stickiness.capacity");
  }
}

BOOST_AUTO_TEST_CASE(
    lasts_as_long_as_the_profile_says_unless_it_says_so_itself) {  // STK-10, STK-12
  for (const char* profile : {"shared-2020", "shared", "dedicated"}) {
    LoadBalancer balancer = sticky_balancer(profile, kWrr);
    BOOST_TEST((effective_duration(balancer, *balancer.groups[0].stickiness) == minutes(20)));
    balancer.groups[0].stickiness->duration = minutes(1);
    BOOST_TEST((effective_duration(balancer, *balancer.groups[0].stickiness) == minutes(1)));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::config
