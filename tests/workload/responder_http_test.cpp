// HTTP at the TCP server: what a health check or curl hears from it.
#include <boost/test/unit_test.hpp>

#include "models/workload/pattern.hpp"
#include "tests/workload/responder_world.hpp"

using namespace elblab;
using namespace elblab::workload;
using namespace std::chrono_literals;
using host::SocketError;
using testing::at_ms;
using testing::Recorded;
using World = testing::ResponderWorld;
using CpuWorld = testing::CpuResponderWorld;

namespace {

constexpr std::string_view kGet = "GET /health?x HTTP/1.1\r\nHost: 10.0.0.2:80\r\n\r\n";

std::string status_line(const Recorded& client) {
  const std::string text = client.text();
  return text.substr(0, text.find("\r\n"));
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_request_in_pieces_of_any_size_is_answered_and_the_connection_closed) {
  for (const std::size_t piece : {1U, 3U, 4U, 5U, 24U, 1000U}) {
    World world;
    world.network.piece_bytes = piece;
    world.start();
    world.connect_one();
    world.send(kGet);
    world.run(100);
    BOOST_TEST(world.client.text() ==
               "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n200 OK\n");
    BOOST_TEST(world.client.finished);
    BOOST_TEST(!world.client.error.has_value());
    BOOST_TEST(world.server->counters().http_requests == 1U);
    BOOST_TEST(world.server->counters().requests == 0U);
    BOOST_TEST(world.server->counters().responses == 0U);
    BOOST_TEST(world.server->connections() == 0U);
  }
}

BOOST_FIXTURE_TEST_CASE(a_request_shorter_than_a_binary_one_is_answered, World) {
  start();
  connect_one();
  send("GET / HTTP/1.0\r\n\r\n");
  run(100);
  BOOST_TEST(status_line(client) == "HTTP/1.0 200 OK");
}

BOOST_AUTO_TEST_CASE(pages_and_the_host_name_decide_the_status) {
  const std::vector<std::pair<std::string, std::string>> asked{
      {"GET / HTTP/1.1\r\nHost: WWW.example.com:80\r\n\r\n", "HTTP/1.1 200 OK"},
      {"GET /health HTTP/1.1\r\nHost: www.example.com\r\n\r\n", "HTTP/1.1 503 Service Unavailable"},
      {"GET /other HTTP/1.1\r\nHost: www.example.com\r\n\r\n", "HTTP/1.1 404 Not Found"},
      {"GET / HTTP/1.1\r\nHost: 10.0.0.2\r\n\r\n", "HTTP/1.1 421 Misdirected Request"},
      {"GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 421 Misdirected Request"}};
  for (const auto& [text, answer] : asked) {
    World world;
    world.service.pages = {{"/", 200}, {"/health", 503}};
    world.service.host_name = "www.example.com";
    world.start();
    world.connect_one();
    world.send(text);
    world.run(100);
    BOOST_TEST(status_line(world.client) == answer);
  }
}

BOOST_FIXTURE_TEST_CASE(a_second_request_on_the_connection_is_not_answered, World) {
  service.service_time = 20ms;
  start();
  connect_one();
  send(std::string(kGet) + std::string(kGet));
  run(20);
  send(kGet);
  run(100);
  BOOST_TEST(client.text().find("HTTP/1.1", 1) == std::string::npos);
  BOOST_TEST(server->counters().http_requests == 1U);
  BOOST_TEST(client.finished);
}

BOOST_FIXTURE_TEST_CASE(a_malformed_request_is_answered_400_at_once_and_closed, CpuWorld) {
  cpu.time = 20ms;
  service.service_time = 70ms;
  start();
  connect_one();
  send("GET nowhere HTTP/1.1\r\n");
  run(50);
  BOOST_TEST(status_line(client) == "HTTP/1.1 400 Bad Request");
  BOOST_CHECK(client.first_byte == at_ms(12));
  BOOST_TEST(client.finished);
  BOOST_TEST(server->counters().malformed_requests == 1U);
  BOOST_TEST(server->counters().http_requests == 0U);
  BOOST_CHECK(cpus->busy_time(at_ms(50)) == 0ms);
}

BOOST_FIXTURE_TEST_CASE(a_request_that_is_too_long_is_answered_by_a_reset, World) {
  start();
  connect_one();
  send("GET /" + std::string(9000, 'a'));
  run(100);
  BOOST_TEST(client.bytes.empty());
  BOOST_CHECK(client.error == SocketError::connection_reset);
  BOOST_TEST(server->counters().malformed_requests == 1U);
  BOOST_TEST(server->connections() == 0U);
}

BOOST_FIXTURE_TEST_CASE(other_methods_are_no_request, World) {
  start();
  connect_one();
  send("POST / HTTP/1.1\r\nHost: a\r\n\r\n");
  run(100);
  BOOST_CHECK(client.error == SocketError::connection_reset);
}

BOOST_FIXTURE_TEST_CASE(a_connection_that_began_with_a_binary_request_speaks_no_http, World) {
  start();
  connect_one();
  send(request(24, 10, 0));
  send(kGet);
  run(100);
  BOOST_TEST(client.bytes.size() == 10U);
  BOOST_CHECK(client.error == SocketError::connection_reset);
  BOOST_TEST(server->counters().http_requests == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_request_costs_the_cpu_time_and_service_time_of_any_request, CpuWorld) {
  cpu.time = 20ms;
  service.service_time = 5ms;
  start();
  connect_one();
  send(kGet);  // at 10 ms: read at 11, computed at 31, answered at 36, heard at 37
  run(200);
  BOOST_CHECK(client.first_byte == at_ms(37));
  BOOST_CHECK(cpus->busy_time(at_ms(200)) == 20ms);
}

BOOST_FIXTURE_TEST_CASE(a_client_that_goes_while_its_request_waits_is_forgotten, CpuWorld) {
  cpu.time = 20ms;
  start();
  connect_one();
  send(kGet);
  run(20);
  network.abort(socket, network.now());
  run(200);
  BOOST_TEST(server->connections() == 0U);
  BOOST_TEST(server->counters().connections_lost == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_client_that_has_finished_is_answered_all_the_same, World) {
  service.service_time = 20ms;
  start();
  connect_one();
  send(kGet);
  network.shutdown(socket, network.now());
  run(100);
  BOOST_TEST(status_line(client) == "HTTP/1.1 200 OK");
  BOOST_TEST(client.finished);
}

BOOST_FIXTURE_TEST_CASE(a_client_that_finishes_before_its_request_is_whole_hears_the_end, World) {
  start();
  connect_one();
  send(kGet.substr(0, 30));
  network.shutdown(socket, network.now());
  run(100);
  BOOST_TEST(client.bytes.empty());
  BOOST_TEST(client.finished);
  BOOST_TEST(server->connections() == 0U);
}
