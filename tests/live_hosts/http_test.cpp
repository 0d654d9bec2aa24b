// HTTP at a service on the kernel's sockets, asked by a bare client and by curl, and sources that
// it denies: what tests/workload says of a perfect network holds for Linux.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iterator>

#include "live/child_command.hpp"
#include "models/workload/make_application.hpp"
#include "tests/live/needs_privileges.hpp"
#include "tests/live_hosts/kernel_hosts.hpp"
#include "tests/temporary_folder.hpp"

using namespace elblab;
using namespace elblab::live;
using namespace elblab::live::testing;
using namespace elblab::workload;
using namespace std::chrono_literals;
using host::SocketError;
using host::SocketId;

BOOST_TEST_GLOBAL_FIXTURE(NeedsPrivileges);

namespace {

constexpr Duration kLimit = 20s;

// Says what it is given to say, piece by piece, and keeps what it hears.
class HttpClient final : public host::SocketEvents {
 public:
  HttpClient(host::Sockets& sockets, std::vector<std::string> says)
      : sockets_(sockets), says_(std::move(says)) {}

  void connected(SocketId socket, Instant now) override {
    is_connected = true;
    for (const std::string& piece : says_) {
      const std::span bytes(reinterpret_cast<const std::uint8_t*>(piece.data()), piece.size());
      BOOST_TEST((sockets_.send(socket, bytes, now) == SocketError::none));
    }
  }
  void received(SocketId, std::span<const std::uint8_t> bytes, Instant) override {
    heard.append(bytes.begin(), bytes.end());
  }
  void peer_finished(SocketId socket, Instant now) override {
    over = true;
    sockets_.close(socket, now);
  }
  void closed(SocketId, SocketError, Instant) override { over = true; }

  bool is_connected = false;
  bool over = false;
  std::string heard;

 private:
  host::Sockets& sockets_;
  std::vector<std::string> says_;
};

struct World {
  std::deque<HttpClient> clients;  // whom the hosts' sockets tell
  KernelHosts hosts;
  ServerParameters service;
  std::unique_ptr<Server> server;

  World() { service.port = 80; }
  void start() {
    server = make_server(service, hosts.server());
    hosts.start(*server, hosts.now());
  }
  // To the end of the connection. The client stays, as its socket goes on to tell it things.
  const HttpClient& ask(std::vector<std::string> says) {
    HttpClient& client = clients.emplace_back(hosts.client(), std::move(says));
    const auto asked = hosts.client().connect({kClient, 0}, {kServer, 80}, client, hosts.now());
    BOOST_REQUIRE((asked.error == SocketError::none));
    BOOST_TEST(hosts.run_until([&] { return client.over; }, kLimit));
    return client;
  }
};

bool has_curl() { return std::system("command -v curl > /dev/null") == 0; }

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_get_is_answered_by_its_page_and_the_service_closes, World) {
  service.pages = {{"/health", 503}};
  service.service_time = 5ms;
  start();
  BOOST_TEST(ask({"GET /health HTTP/1.1\r\n", "Host: 10.0.1.1:80\r\n\r\n"}).heard ==
             "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 24\r\nConnection: close\r\n\r\n"
             "503 Service Unavailable\n");
  BOOST_TEST(ask({"HEAD / HTTP/1.0\r\n\r\n"}).heard ==
             "HTTP/1.0 404 Not Found\r\nContent-Length: 14\r\nConnection: close\r\n\r\n");
  BOOST_TEST(server->counters().http_requests == 2U);
  BOOST_TEST(server->counters().responses == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_denied_source_is_connected_and_hears_nothing, World) {
  service.deny = {*net::Subnet::parse("10.0.0.0/24")};
  start();
  const HttpClient& client = ask({"GET / HTTP/1.1\r\nHost: a\r\n\r\n"});
  BOOST_TEST(client.is_connected);
  BOOST_TEST(client.heard.empty());
  BOOST_TEST(server->counters().denied == 1U);
  BOOST_TEST(server->counters().http_requests == 0U);
}

BOOST_FIXTURE_TEST_CASE(curl_understands_the_answers, World) {
  if (!has_curl()) {
    BOOST_TEST_MESSAGE("skipped: curl is not installed");
    return;
  }
  service.pages = {{"/health", 200}, {"/gone", 410}, {"/empty", 204}};
  service.host_name = "www.example.com";
  start();
  const elblab::testing::TemporaryFolder folder;
  const auto log = folder.path() / "codes";
  const std::string ask = "curl -s -S --max-time 15 -o /dev/null -w '%{http_code} ' ";
  const std::string named = ask + "-H 'Host: www.example.com' http://10.0.1.1";
  const std::string line =
      named + "/health?x; " + named + "/gone; " + named + "/empty; " + named + "/other; " + ask +
      "-I -0 -H 'Host: www.example.com' http://10.0.1.1/health; " + ask + "http://10.0.1.1/health";
  ChildCommand curl;
  must(curl.start(hosts.client_network(), {{"/bin/sh", "-c", line}, {}, log, 0}));
  BOOST_TEST(hosts.run_until([&] { return curl.ended(); }, 60s));
  std::ifstream file(log);
  const std::string codes{std::istreambuf_iterator<char>(file), {}};
  BOOST_TEST(codes == "200 410 204 404 200 421 ");
  BOOST_TEST(server->counters().http_requests == 6U);
}
