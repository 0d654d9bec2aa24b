// What a killed run leaves behind, and what must stay.
#include "live/network/stale_namespaces.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "live/network/namespace_name.hpp"
#include "live/network/veth_link.hpp"
#include "tests/live/needs_privileges.hpp"

namespace elblab::live {
namespace {

std::string path_of(const std::string& name) {
  return std::string(kNamespaceDirectory) + "/" + name;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A run of two namespaces and a link, killed as by `kill -9` once they stand. Gives their names.
std::vector<std::string> names_left_by_a_killed_run() {
  int channel[2];
  BOOST_REQUIRE(pipe(channel) == 0);
  const FileDescriptor input(channel[0]);
  FileDescriptor output(channel[1]);
  const pid_t child = fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    const VethLinkPlan plan{.host_device = "eth0",
                            .balancer_device = "to-c1",
                            .addresses = {{net::IpAddress::v4(10, 0, 0, 1), 0}},
                            .mtu = 1500};
    const auto host = NetworkNamespace::make_named("c1");
    const auto balancer = NetworkNamespace::make_named("balancer");
    const bool made = host && balancer && make_veth_link(*host, *balancer, plan).has_value();
    const char word = made ? 'y' : 'n';
    [[maybe_unused]] const auto written = write(output.get(), &word, 1);
    for (;;) pause();
  }
  char word = 0;
  BOOST_TEST(read(input.get(), &word, 1) == 1);
  BOOST_TEST(word == 'y');
  const auto identity = identify_process(child);
  BOOST_REQUIRE(identity.has_value());
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return {namespace_name(*identity, "balancer"), namespace_name(*identity, "c1")};
}

BOOST_AUTO_TEST_SUITE(stale_namespaces)

BOOST_AUTO_TEST_CASE(what_a_killed_run_left_is_removed_and_a_living_run_stays) {
  const NetworkNamespace living = must(NetworkNamespace::make_named("living"));
  const auto left = names_left_by_a_killed_run();
  for (const auto& name : left) BOOST_TEST(std::filesystem::exists(path_of(name)));
  const StaleNamespaces result = remove_stale_namespaces();
  BOOST_TEST(result.failures.empty());
  for (const auto& name : left) {
    BOOST_TEST(contains(result.removed, name), name);
    BOOST_TEST(!std::filesystem::exists(path_of(name)));
  }
  BOOST_TEST(!contains(result.removed, living.name()));
  BOOST_TEST(std::filesystem::exists(path_of(living.name())));
  must(living.enter());
  must(enter_own_namespace());
}

BOOST_AUTO_TEST_CASE(a_reused_process_id_does_not_protect_a_dead_run) {
  ProcessIdentity earlier = this_process();
  BOOST_REQUIRE(earlier.start_time > 0);
  --earlier.start_time;
  const NetworkNamespace living = must(NetworkNamespace::make_named("living"));
  const std::string name = namespace_name(earlier, "c1");
  std::ofstream(path_of(name)).put('\n');  // killed between making the file and binding to it
  BOOST_TEST(contains(remove_stale_namespaces().removed, name));
  BOOST_TEST(!std::filesystem::exists(path_of(name)));
  BOOST_TEST(std::filesystem::exists(path_of(living.name())));
}

BOOST_AUTO_TEST_CASE(what_others_made_stays) {
  const NetworkNamespace any = must(NetworkNamespace::make_named("any"));  // makes the directory
  const std::string name = "elblab-of-somebody-else-" + std::to_string(getpid());
  std::ofstream(path_of(name)).put('\n');
  BOOST_TEST(!contains(remove_stale_namespaces().removed, name));
  BOOST_TEST(std::filesystem::remove(path_of(name)));
}

BOOST_AUTO_TEST_CASE(a_process_that_ended_but_was_not_waited_for_no_longer_lives) {
  const pid_t child = fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) _exit(0);
  siginfo_t information{};
  BOOST_TEST(waitid(P_PID, static_cast<id_t>(child), &information, WEXITED | WNOWAIT) == 0);
  BOOST_TEST(!identify_process(child).has_value());
  waitpid(child, nullptr, 0);
  BOOST_TEST(identify_process(getpid()).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::live
