// Whatever a text holds, it reads as it was meant, and what is written of it reads back the same.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <random>

#include "scenarios/language/tree_loader.hpp"
#include "scenarios/language/yaml_writer.hpp"
#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

// RFC 3629 §3, written apart from what the program has.
std::string utf8(char32_t c) {
  const auto byte = [](char32_t value) { return static_cast<char>(value); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 0x3F))};
  if (c < 0x10000) {
    return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
  }
  return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 0x3F)), byte(0x80 | (c >> 6 & 0x3F)),
          byte(0x80 | (c & 0x3F))};
}

bool is_surrogate(char32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

// A scenario whose title is this YAML.
std::string titled(const std::string& yaml) {
  return "scenario: T-1\ntitle: " + yaml + R"(
hosts:
  c1: {role: client}
  b1: {role: server}
balancer:
  listeners: {web: {protocol: tcp, port: 80, group: app}}
  groups: {app: {servers: {b1: {port: 90}}}}
workload:
  w: {from: c1, to: web, short_connections: 10/s, for: 2s}
)";
}

// The title of the run's own scenario, read back from what a trace keeps of it.
void check_title(const std::string& yaml, const std::string& title) {
  BOOST_TEST_CONTEXT(yaml) {
    const auto loaded = ScenarioFile::parse(titled(yaml), "x.yaml");
    BOOST_REQUIRE_MESSAGE(loaded.file, testing::all(loaded.errors));
    const Scenario scenario = *loaded.file->decode("run").scenario;
    BOOST_REQUIRE(scenario.title == title);
    BOOST_REQUIRE(!find_bad_byte(scenario.effective_yaml).has_value());
    const auto again = ScenarioFile::parse(scenario.effective_yaml, "again.yaml");
    BOOST_REQUIRE_MESSAGE(again.file, testing::all(again.errors));
    BOOST_REQUIRE(again.file->title() == title);
    BOOST_REQUIRE(again.file->decode("run").scenario->effective_yaml == scenario.effective_yaml);
  }
}

// Written and read as a value, as a key, and in a list.
void check_written(const std::string& text) {
  Node map = Node::map();
  map.put("plain", Node::scalar(text));
  map.put("quoted", Node::scalar(text, true));
  map.put("key " + text, Node::scalar("value"));
  Node list = Node::list();
  list.items.push_back(Node::scalar(text));
  map.put("list", list);
  for (const int levels : {1, 2}) {
    Diagnostics diagnostics;
    const auto source = std::make_shared<Source>("x.yaml", to_yaml(map, levels));
    BOOST_TEST_CONTEXT(source->text()) {
      BOOST_REQUIRE(!find_bad_byte(source->text()).has_value());
      const auto read = load_tree(source, diagnostics);
      BOOST_REQUIRE(read.has_value());
      BOOST_REQUIRE(read->find("plain")->value.text == text);
      BOOST_REQUIRE(read->find("quoted")->value.text == text);
      BOOST_REQUIRE(read->find("key " + text) != nullptr);
      BOOST_REQUIRE(read->find("list")->value.items.at(0).text == text);
    }
  }
}

std::string random_text(std::mt19937& random) {
  // Where texts go wrong: controls, marks of YAML, ranges of names, ends of UTF-8's lengths.
  static const std::vector<std::string> kParts{
      "\n",      "\r", "\t", "\"", "\\",   "'",   ":",   ": ",  "#", " #", "[1..4]",
      "b[1..4]", "{",  "}",  "-",  "---",  "...", "%",   "&",   "*", "!",  "|",
      ">",       "?",  " ",  "a",  "null", "~",   "\\N", "\\_", "@", "`"};
  std::string text;
  for (unsigned i = random() % 12; i > 0; --i) {
    if (random() % 2 == 0) {
      text += kParts[random() % kParts.size()];
      continue;
    }
    const unsigned widths[]{0x80, 0x300, 0x10000, 0x110000};
    const char32_t c = random() % widths[random() % 4];
    if (!is_surrogate(c)) text += utf8(c);
  }
  return text;
}

BOOST_AUTO_TEST_SUITE(texts)

// YAML 1.2 §5.7.
BOOST_AUTO_TEST_CASE(every_escape_stands_for_its_character) {
  const std::vector<std::pair<std::string, char32_t>> escapes{{"\\0", 0x00},
                                                              {"\\a", 0x07},
                                                              {"\\b", 0x08},
                                                              {"\\t", 0x09},
                                                              {"\\n", 0x0A},
                                                              {"\\v", 0x0B},
                                                              {"\\f", 0x0C},
                                                              {"\\r", 0x0D},
                                                              {"\\e", 0x1B},
                                                              {"\\ ", 0x20},
                                                              {"\\\"", 0x22},
                                                              {"\\/", 0x2F},
                                                              {"\\\\", 0x5C},
                                                              {"\\N", 0x85},
                                                              {"\\_", 0xA0},
                                                              {"\\L", 0x2028},
                                                              {"\\P", 0x2029},
                                                              {"\\x01", 0x01},
                                                              {"\\x02", 0x02},
                                                              {"\\x7f", 0x7F},
                                                              {"\\x85", 0x85},
                                                              {"\\xA0", 0xA0},
                                                              {"\\xfe", 0xFE},
                                                              {"\\xff", 0xFF},
                                                              {"\\u0100", 0x100},
                                                              {"\\uFEFF", 0xFEFF},
                                                              {"\\U0001F600", 0x1F600},
                                                              {"\\U0010FFFF", 0x10FFFF}};
  for (const auto& [escape, meant] : escapes) {
    check_title("\"a" + escape + "b\"", "a" + utf8(meant) + "b");
    check_title("\"\xC3\xA9" + escape + escape + "\xC3\xA9\"",
                "\xC3\xA9" + utf8(meant) + utf8(meant) + "\xC3\xA9");
  }
}

BOOST_AUTO_TEST_CASE(every_character_up_to_u_0500_is_written_and_read_back) {
  for (char32_t c = 0; c < 0x500; ++c) {
    check_written(utf8(c));
    check_written("a" + utf8(c) + "b");
  }
}

BOOST_AUTO_TEST_CASE(any_text_is_written_and_read_back) {
  std::mt19937 random(7);
  for (int i = 0; i < 5000; ++i) check_written(random_text(random));
}

BOOST_AUTO_TEST_CASE(any_title_is_in_the_trace_as_it_was_in_the_file) {
  std::mt19937 random(8);
  for (int i = 0; i < 300; ++i) {
    const std::string text = "t" + random_text(random);
    check_title(inline_yaml(Node::scalar(text, true)), text);
  }
}

// What is no character is refused with its place, as a byte and as an escape.
BOOST_AUTO_TEST_CASE(what_is_no_character_is_refused_where_it_stands) {
  for (const std::string bad : {"\xFE", "\xFF", "\x85", "\xA0", "\xC3", "\xED\xA0\x80", "\x01",
                                "\x1B", "\x7F", "\\uD800", "\\U00110000", "\\xZZ", "\\q"}) {
    const auto loaded = ScenarioFile::parse(titled("\"ab" + bad + "\""), "x.yaml");
    BOOST_TEST_CONTEXT(bad) {
      BOOST_REQUIRE(!loaded.file);
      BOOST_TEST(loaded.errors.front().line == 2);
      BOOST_TEST(loaded.errors.front().column >= 8);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
