#include "models/health/check.hpp"

#include <boost/test/unit_test.hpp>

namespace elblab::health {
namespace {

using namespace std::chrono_literals;

struct Made {
  config::LoadBalancer balancer;
  Made(const char* profile, config::ListenerProtocol front, config::ProbeProtocol probe) {
    balancer.profile = config::find_profile(profile);
    config::BackendGroup group;
    group.name = "app";
    group.servers.push_back({"b1", net::IpAddress::v4(192, 168, 1, 7), 90, 1, false});
    group.health_check = config::HealthCheck();
    group.health_check->protocol = probe;
    balancer.groups.push_back(group);
    config::Listener listener;
    listener.name = "web";
    listener.protocol = front;
    listener.group = "app";
    balancer.listeners.push_back(listener);
  }
  config::HealthCheck& settings() { return *balancer.groups[0].health_check; }
  Check check() { return *check_of(balancer, balancer.groups[0], balancer.groups[0].servers[0]); }
};

using config::ListenerProtocol;
using config::ProbeProtocol;

}  // namespace

BOOST_AUTO_TEST_SUITE(check)

// HC-05, CON-23: the catalogue's example, interval 5 and timeout 10.
BOOST_AUTO_TEST_CASE(its_timeout_is_the_interval_at_most) {
  Made made("shared", ListenerProtocol::tcp, ProbeProtocol::tcp);
  made.settings().interval = 5s;
  made.settings().timeout = 10s;
  BOOST_TEST((made.check().timeout == Duration(5s)));
  made.settings().timeout = 3s;
  BOOST_TEST((made.check().timeout == Duration(3s)));
}

// HC-07.
BOOST_AUTO_TEST_CASE(goes_to_the_servers_port_unless_it_has_one_of_its_own) {
  Made made("shared", ListenerProtocol::tcp, ProbeProtocol::tcp);
  BOOST_TEST(made.check().target.to_string() == "192.168.1.7:90");
  made.settings().port = 8080;
  BOOST_TEST(made.check().target.to_string() == "192.168.1.7:8080");
}

// HC-08, HC-09, HC-30.
BOOST_AUTO_TEST_CASE(asks_for_its_path_at_the_address_or_the_domain_name) {
  Made made("shared", ListenerProtocol::http, ProbeProtocol::http);
  const auto begins = [&](const std::string& text) {
    BOOST_TEST(made.check().request.substr(0, text.size()) == text);
    BOOST_TEST(made.check().request.ends_with("\r\n\r\n"));
  };
  begins("GET / HTTP/1.0\r\nHost: 192.168.1.7:90\r\n");
  made.settings().path = "/chat/try/";
  made.settings().domain_name = "www.example.com";
  made.settings().http_version = config::HttpVersion::http_1_1;
  begins("GET /chat/try/ HTTP/1.1\r\nHost: www.example.com\r\n");
}

// HC-31, HC-32, HC-33.
BOOST_AUTO_TEST_CASE(success_codes_are_those_of_the_profile_and_of_a_tcp_listener_200_alone) {
  const std::vector<int> wide{200, 202, 401};
  const std::vector<int> narrow{200};
  for (const char* profile : {"shared-2020", "shared"}) {
    BOOST_TEST(Made(profile, ListenerProtocol::http, ProbeProtocol::http).check().success_codes ==
               wide);
  }
  BOOST_TEST(Made("dedicated", ListenerProtocol::http, ProbeProtocol::http).check().success_codes ==
             narrow);
  for (const char* profile : {"shared-2020", "shared", "dedicated"}) {
    BOOST_TEST(Made(profile, ListenerProtocol::tcp, ProbeProtocol::http).check().success_codes ==
               narrow);
  }
}

// HC-16, HC-18.
BOOST_AUTO_TEST_CASE(is_none_when_it_is_off_and_cannot_pass_without_a_listener) {
  Made made("shared", ListenerProtocol::tcp, ProbeProtocol::tcp);
  BOOST_TEST((made.check().impossible == telemetry::Reason::none));
  made.balancer.listeners[0].group = "other";
  BOOST_TEST((made.check().impossible == telemetry::Reason::no_listener));
  made.balancer.groups[0].health_check.reset();
  BOOST_TEST(!check_of(made.balancer, made.balancer.groups[0], made.balancer.groups[0].servers[0]));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::health
