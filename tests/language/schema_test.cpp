// The JSON Schema judged by an independent validator (python3-jsonschema): it accepts what the
// decoder accepts, and refuses the mistakes that need no knowledge of names.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "scenarios/language/quantities.hpp"
#include "scenarios/language/tree_loader.hpp"
#include "tests/language/example.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::language {
namespace {

namespace fs = std::filesystem;
using testing::kExample;
using testing::with;

// As an editor reads YAML: plain numbers and booleans have types (YAML 1.2 §10.3).
nlohmann::ordered_json as_json(const Node& node) {
  if (node.is_null()) return nullptr;
  if (node.is_list()) {
    auto list = nlohmann::ordered_json::array();
    for (const Node& item : node.items) list.push_back(as_json(item));
    return list;
  }
  if (node.is_map()) {
    auto map = nlohmann::ordered_json::object();
    for (const Entry& entry : node.entries) map[entry.key] = as_json(entry.value);
    return map;
  }
  if (node.quoted) return node.text;
  if (node.text == "true" || node.text == "false") return node.text == "true";
  if (const auto integer = parse_integer(node.text); integer) return *integer;
  if (const auto number = parse_number(node.text); number) return *number;
  return node.text;
}

std::string json_of(const std::string& yaml) {
  Diagnostics d;
  const auto tree = load_tree(std::make_shared<Source>("x.yaml", yaml), d);
  BOOST_REQUIRE_MESSAGE(tree && d.empty(), testing::all(d.take()));
  return as_json(*tree).dump();
}

class Validator {
 public:
  explicit Validator(const std::string& schema = json_schema()) {
    std::ofstream(folder_ / "schema.json") << schema;
    std::ofstream(folder_ / "validate.py")
        << "import json, sys\n"
           "from jsonschema import Draft202012Validator as V\n"
           "schema = json.load(open(sys.argv[1]))\n"
           "V.check_schema(schema)\n"
           "v = V(schema)\n"
           "for line in open(sys.argv[2]):\n"
           "    e = next(iter(v.iter_errors(json.loads(line))), None)\n"
           "    print('ok' if e is None else 'no ' + e.message.replace('\\n', ' ')[:300])\n";
  }
  static bool available() {
    return std::system("python3 -c 'import jsonschema' > /dev/null 2>&1") == 0;
  }

  // One answer per document: "ok", or "no" and why.
  std::vector<std::string> judge(const std::vector<std::string>& documents) const {
    std::ofstream input(folder_ / "documents");
    for (const std::string& document : documents) input << document << "\n";
    input.close();
    const std::string command =
        "python3 " + (folder_ / "validate.py").string() + " " + (folder_ / "schema.json").string() +
        " " + (folder_ / "documents").string() + " > " + (folder_ / "answers").string();
    BOOST_REQUIRE_EQUAL(std::system(command.c_str()), 0);
    std::vector<std::string> answers;
    std::ifstream stream(folder_ / "answers");
    for (std::string line; std::getline(stream, line);) answers.push_back(line);
    BOOST_REQUIRE_EQUAL(answers.size(), documents.size());
    return answers;
  }

 private:
  elblab::testing::TemporaryFolder temporary_;
  fs::path folder_ = temporary_.path();
};

boost::test_tools::assertion_result has_validator(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(Validator::available());
  result.message() << "python3-jsonschema is not installed";
  return result;
}

BOOST_AUTO_TEST_SUITE(schema, *boost::unit_test::precondition(has_validator))

BOOST_AUTO_TEST_CASE(accepts_the_shipped_scenarios_and_their_effective_form) {
  std::vector<std::string> names{"the example", "with a live section"};
  std::vector<std::string> documents{json_of(kExample), json_of(kExample + testing::kLive)};
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(ELBLAB_SOURCE_DIR) / "scenarios")) {
    if (!entry.path().string().ends_with(".elb.yaml")) continue;
    const auto loaded = ScenarioFile::load(entry.path());
    BOOST_REQUIRE_MESSAGE(loaded.file, testing::all(loaded.errors));
    for (const std::string& run : loaded.file->runs()) {
      const Scenario scenario = *loaded.file->decode(run).scenario;
      names.push_back(entry.path().string() + " " + run);
      documents.push_back(json_of(scenario.source_text.str()));
      names.push_back(names.back() + " effective");
      documents.push_back(json_of(scenario.effective_yaml));
    }
  }
  const auto answers = Validator().judge(documents);
  for (std::size_t i = 0; i < answers.size(); ++i)
    BOOST_TEST(answers[i] == "ok", names[i] << ": " << answers[i]);
}

BOOST_AUTO_TEST_CASE(knows_pages_by_their_paths_and_codes) {
  const auto document = [](const std::string& service) {
    return json_of(with(kExample, "{role: server, ", "{role: server, service: " + service + ", "));
  };
  const auto answers = Validator().judge(
      {document("{ports: 90, pages: {/: 200, /a.b: 599}, host_name: a.example, deny: []}"),
       document("{ports: [90, 91], pages: {}, deny: [10.0.0.0/8]}"), document("{pages: {/: 600}}"),
       document("{pages: {health: 200}}"), document("{pages: {\"/?\": 200}}"),
       document("{pages: {\"/#\": 200}}"), document("{host_name: \"a:90\"}"),
       document("{ports: [0]}")});
  for (std::size_t i = 0; i < answers.size(); ++i) {
    BOOST_TEST(answers[i].starts_with(i < 2 ? "ok" : "no "), i << ": " << answers[i]);
  }
}

BOOST_AUTO_TEST_CASE(balancer_files_have_one_of_their_own) {
  const std::string alone =
      "profile: shared\nbalancer:\n  listeners: {web: {protocol: tcp, port: 80, group: app}}\n"
      "  groups: {app: {servers: {\"b[1..3]\": {address: 10.0.1.11-10.0.1.13, port: 90}}}}\n";
  const auto answers =
      Validator(balancer_json_schema())
          .judge({json_of(alone), json_of(with(alone, "address", "adress")), json_of(kExample)});
  BOOST_TEST(answers[0] == "ok");
  BOOST_TEST(answers[1].starts_with("no "));
  BOOST_TEST(answers[2].starts_with("no "));
}

BOOST_AUTO_TEST_CASE(refuses_what_an_editor_can_know_to_be_wrong) {
  const std::vector<std::pair<std::string, std::string>> changes{
      {"delay: 2ms", "dealy: 2ms"},
      {"delay: 2ms", "delay: 2"},
      {"port: 80,", "port: 70000,"},
      {"role: client", "role: clint"},
      {"940/s", "940"},
      {"profile: dedicated", "profile: d"},
      {"lvs: 2", "lvs: two"},
      {"{b1: {port: 90}", "{b1: {}"},
      {"stat: max", "stat: most"},
      {"scenario: TW-01\n", ""},
      {"port: 80, group: app", "port: 80, grup: app"}};
  std::vector<std::string> documents;
  for (const auto& [from, to] : changes) documents.push_back(json_of(with(kExample, from, to)));
  const auto answers = Validator().judge(documents);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    BOOST_TEST(answers[i].starts_with("no "), changes[i].second << ": " << answers[i]);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
