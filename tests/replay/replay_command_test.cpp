// elblab replay as a person meets it: what it says of a good capture, and one message for each bad
// input.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "tests/cli/program.hpp"
#include "tests/replay/capture_fixture.hpp"

namespace elblab::replay {
namespace {

using namespace test;
using elblab::test::Ended;
using elblab::test::run_program;
using elblab::test::Surroundings;

constexpr const char* kBalancer = R"(profile: dedicated
balancer:
  address: 198.51.100.10
  listeners: {web: {protocol: tcp, port: 80, group: app}}
  groups: {app: {servers: {"b[1..2]": {address: 10.0.2.1-10.0.2.2, port: 90}}}}
)";

struct Fixture {
  Fixture() {
    std::ofstream(folder / "lb.yaml") << kBalancer;
    Tape tape;
    for (std::uint16_t port = 2000; port < 2010; ++port) {
      tape.add(conversation(at(kClient, port), at(kVirtual, 80), port * 10u));
    }
    save("web.pcap", tape.bytes());
    good = tape.bytes();
  }

  void save(const std::string& name, const Bytes& bytes) const {
    pcap::test::write_file(folder / name, bytes);
  }
  Ended run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "replay");
    return run_program(arguments, Surroundings{folder.path().string(), {}, {}});
  }
  // Refused with one message on stderr that holds `words`, and nothing else said.
  void check_refused(const std::vector<std::string>& arguments, const std::string& words,
                     int exit_code = 2) const {
    const Ended ended = run(arguments);
    BOOST_TEST_CONTEXT(ended.err << ended.out) {
      BOOST_TEST(ended.exit_code == exit_code);
      BOOST_TEST(ended.out == "");
      BOOST_TEST((ended.err.find(words) != std::string::npos));
      BOOST_TEST(std::count(ended.err.begin(), ended.err.end(), '\n') <= 8);
    }
  }

  pcap::test::TemporaryFolder folder;
  Bytes good;
};

bool says(const Ended& ended, const std::string& words) {
  const bool found = ended.out.find(words) != std::string::npos;
  if (!found) BOOST_TEST_MESSAGE(ended.out << ended.err);
  return found;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(replay_command, Fixture)

BOOST_AUTO_TEST_CASE(says_what_became_of_every_packet) {
  const Ended ended =
      run({"web.pcap", "--balancer", "lb.yaml", "--write", "out.pcap", "--trace", "out.db"});
  BOOST_TEST(ended.exit_code == 0);
  BOOST_TEST(says(ended, "web.pcap  through lb.yaml   profile dedicated, seed 1"));
  BOOST_TEST(says(ended, "taken on the client side"));
  BOOST_TEST(says(ended, "50 from clients, 30 from servers"));
  BOOST_TEST(says(ended, "80 forwarded, 0 dropped"));
  BOOST_TEST(says(ended, "10 opened"));
  BOOST_TEST(says(ended, "app/b2"));
  BOOST_TEST(says(ended, "out.pcap (80 packets)"));
  BOOST_TEST(says(ended, "conserved: 80 packets in = forwarded + dropped"));
  BOOST_TEST(ended.err == "");
  BOOST_TEST(std::filesystem::exists(folder / "out.db"));
}

BOOST_AUTO_TEST_CASE(takes_a_scenario_for_its_balancer_and_another_profile) {
  BOOST_TEST(says(run({"web.pcap", "-b", "TW-01"}), "80 forwarded"));
  BOOST_TEST(says(run({"web.pcap", "-b", "lb.yaml", "--profile", "shared"}), "profile shared"));
}

BOOST_AUTO_TEST_CASE(answers_bad_input_with_one_message) {
  check_refused({"none.pcap", "-b", "lb.yaml"}, "none.pcap: no such file");
  check_refused({".", "-b", "lb.yaml"}, "is a directory");
  save("photo.jpg", {0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1});
  check_refused({"photo.jpg", "-b", "lb.yaml"}, "photo.jpg");
  save("header.pcap", Bytes(good.begin(), good.begin() + 24));
  check_refused({"header.pcap", "-b", "lb.yaml"}, "no IP packet");
  check_refused({"web.pcap", "-b", "none.yaml"}, "--balancer none.yaml: no such file");
  check_refused({"web.pcap", "-b", "lb.yaml", "--map", "198.51.100.10=web"},
                "is no address with a port");
  check_refused({"web.pcap", "-b", "lb.yaml", "--map", "198.51.100.10:80=wbe"},
                "no listener 'wbe' (there are: web)");
  check_refused({"web.pcap", "-b", "lb.yaml", "--until", "30"}, "--until 30:");
  check_refused({"web.pcap", "-b", "lb.yaml", "--write", "web.pcap"},
                "is the capture that is to be replayed");
  check_refused({"web.pcap", "-b", "lb.yaml", "--stateful", "--loop", "2"},
                "--loop does not go with --stateful");
  BOOST_TEST((pcap::test::read_file(folder / "web.pcap") == good));
}

BOOST_AUTO_TEST_CASE(names_what_occurs_when_the_balancers_addresses_do_not) {
  std::string other = kBalancer;
  other.replace(other.find("198.51.100.10"), 13, "198.51.100.99");
  std::ofstream(folder / "other.yaml") << other;
  check_refused({"web.pcap", "-b", "other.yaml"}, "--map 198.51.100.10:80=web");
  const Ended mapped = run({"web.pcap", "-b", "other.yaml", "--map", "198.51.100.10:80=web"});
  BOOST_TEST(says(mapped, "80 forwarded"));
  const Ended guessed = run({"web.pcap", "-b", "other.yaml", "--guess"});
  BOOST_TEST(says(guessed, "198.51.100.10:80 receives 10 of 10 SYNs and answers 10"));
  BOOST_TEST(says(guessed, "80 forwarded"));
}

BOOST_AUTO_TEST_CASE(uses_what_can_be_used_of_a_damaged_capture_and_says_so) {
  save("cut.pcap", Bytes(good.begin(), good.end() - 7));
  const Ended cut = run({"cut.pcap", "-b", "lb.yaml"});
  BOOST_TEST(cut.exit_code == 0);
  BOOST_TEST(says(cut, "79 records"));
  BOOST_TEST(says(cut, "!"));
  pcap::test::CaptureBuilder claims;
  claims.add(1, 0, tcp(at(kClient, 1), at(kVirtual, 80), {flag::syn}))
      .claim(1, 1, 0xFFFFFFFF, 0xFFFFFFFF);
  save("claims.pcap", claims.bytes());
  const Ended huge = run({"claims.pcap", "-b", "lb.yaml"});
  BOOST_TEST(huge.exit_code == 0);
  BOOST_TEST(says(huge, "4,294,967,295"));
  BOOST_TEST(says(huge, "1 forwarded"));
}

BOOST_AUTO_TEST_CASE(could_not_run_when_an_output_cannot_be_written) {
  check_refused({"web.pcap", "-b", "lb.yaml", "--write", "no/such/folder/out.pcap"},
                "no/such/folder/out.pcap", 4);
  check_refused({"web.pcap", "-b", "lb.yaml", "--trace", "no/such/folder/out.db"},
                "no/such/folder/out.db", 4);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::replay
