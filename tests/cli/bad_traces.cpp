#include "tests/cli/bad_traces.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

namespace elblab::test {
namespace {

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct BadTrace {
  std::string name;
  std::string bytes;
  std::string message;  // words of it
};

std::vector<BadTrace> bad_traces(const std::string& whole) {
  // The last byte of user_version (https://www.sqlite.org/fileformat2.html, offset 60).
  constexpr std::size_t kVersion = 63;
  BOOST_REQUIRE_GT(whole.size(), 100'000U);
  std::string older = whole;
  older[kVersion] = 2;
  std::string newer = whole;
  newer[kVersion] = 99;
  return {{"text.db", "no trace\n", "not an elblab trace"},
          {"empty.db", "", "not an elblab trace"},
          {"older.db", older, "older elblab"},
          {"newer.db", newer, "newer elblab"},
          {"half.db", whole.substr(0, whole.size() / 2), "truncated or damaged"},
          {"short.db", whole.substr(0, whole.size() - 10), "truncated or damaged"}};
}

}  // namespace

void check_bad_traces(const ScenarioFolder& folder, const Surroundings& here,
                      const std::vector<std::string>& command,
                      const std::vector<std::string>& more) {
  const auto check = [&](const std::string& name, const std::string& words) {
    std::vector<std::string> arguments = command;
    arguments.push_back(name);
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ended ended = run_program(arguments, here);
    BOOST_TEST(ended.exit_code == 2, name << ": " << ended.out << ended.err);
    BOOST_TEST(ended.out == "", name);
    BOOST_TEST(ended.err.find(name) != std::string::npos, ended.err);
    BOOST_TEST(ended.err.find(words) != std::string::npos, name << ": " << ended.err);
    BOOST_TEST(std::count(ended.err.begin(), ended.err.end(), '\n') == 1, ended.err);
  };
  check("missing.db", "no such file");
  check("out", "it is a folder");
  for (const BadTrace& bad : bad_traces(contents(folder.path() / "out/T-1.symptom.seed1.db"))) {
    folder.write(bad.name, bad.bytes);
    check(bad.name, bad.message);
    BOOST_TEST((contents(folder.path() / bad.name) == bad.bytes), bad.name);
  }
}

}  // namespace elblab::test
