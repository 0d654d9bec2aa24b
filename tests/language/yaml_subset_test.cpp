// What of YAML a scenario may use, and that the rest is refused at its place without a hang.
#include <boost/test/unit_test.hpp>

#include "scenarios/language/name_expansion.hpp"
#include "scenarios/language/tree_loader.hpp"
#include "scenarios/language/yaml_writer.hpp"
#include "tests/language/example.hpp"
#include "tests/must.hpp"

namespace elblab::language {
namespace {

using testing::errors_of;

std::string refusal(const std::string& text) {
  Diagnostics d;
  const auto tree = load_tree(std::make_shared<Source>("f.yaml", text), d);
  if (tree) {
    Node expanded = *tree;
    expand_keys(expanded, d);
  }
  const auto errors = d.take();
  if (errors.empty()) return {};
  return std::to_string(errors[0].line) + ":" + std::to_string(errors[0].column) + ": " +
         errors[0].message;
}

Node tree_of(const std::string& text) {
  Diagnostics d;
  auto tree = load_tree(std::make_shared<Source>("f.yaml", text), d);
  BOOST_REQUIRE_MESSAGE(tree && d.empty(), testing::all(d.take()));
  expand_keys(*tree, d);
  return *tree;
}

BOOST_AUTO_TEST_SUITE(yaml_subset)

BOOST_AUTO_TEST_CASE(what_hides_meaning_is_refused_at_its_place) {
  BOOST_TEST(refusal("a: 1\nb: 2\na: 3\n") == "3:1: key 'a' stands here a second time");
  BOOST_TEST(refusal("a: &x 1\nb: 2\n") ==
             "1:4: anchors (&name) are not part of the language; use names like b[1..4] or runs");
  BOOST_TEST(refusal("a: {<<: {b: 1}}\n") ==
             "1:5: merge keys (<<) are not part of the language; use names like b[1..4] or runs");
  BOOST_TEST(refusal("a: !!str 1\n") ==
             "1:4: tags (tag:yaml.org,2002:str) are not part of the language");
  BOOST_TEST(refusal("a: 1\n---\nb: 2\n") ==
             "2:1: a scenario file holds one YAML document; here a second starts");
  BOOST_TEST(refusal("[a]: 1\n") ==
             "1:1: a key must be a single word; or is this bracket not closed?");
  BOOST_TEST(refusal("a: [1, 2\n").find("not valid YAML") != std::string::npos);
  BOOST_TEST(refusal("b1: 1\nb[1..2]: 2\n") == "2:1: 'b1' stands here a second time");
}

BOOST_AUTO_TEST_CASE(an_alias_bomb_is_refused_at_its_first_anchor) {
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string last = std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + last + ", *a" + last +
            "]\n";
  }
  BOOST_TEST(refusal(bomb).starts_with("1:5: anchors"));
}

BOOST_AUTO_TEST_CASE(deep_nesting_is_refused_however_deep) {
  for (const char* open : {"[", "{a: ", "- ", "a: {"}) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += open;
    BOOST_TEST(!refusal(text).empty(), open);
  }
  BOOST_TEST(refusal("a: " + std::string(31, '[') + std::string(31, ']')) == "");
  BOOST_TEST(refusal("a: " + std::string(32, '[') + std::string(32, ']')) ==
             "1:35: nested deeper than 32 levels");
}

BOOST_AUTO_TEST_CASE(brackets_stand_for_names_also_inside_braces) {
  BOOST_TEST(inline_yaml(tree_of("b[1..3]: {p: 1}")) == "{b1: {p: 1}, b2: {p: 1}, b3: {p: 1}}");
  BOOST_TEST(inline_yaml(tree_of("{b[9..11]x: 1}")) == "{b9x: 1, b10x: 1, b11x: 1}");
  BOOST_TEST(inline_yaml(tree_of("a: {'b[1..2]': [x, y]}")) == "{a: {b1: [x, y], b2: [x, y]}}");
  // A list that only looks similar stays a list.
  BOOST_TEST(inline_yaml(tree_of("{a: [1, 4], b: [1..4]}")) == "{a: [1, 4], b: [1..4]}");
}

BOOST_AUTO_TEST_CASE(malformed_brackets_are_refused) {
  for (const std::string name :
       {"b[4..1]", "b[1..]", "b[..4]", "b[1-4]", "b[1..4", "b[a..c]", "b[1..2][1..2]"}) {
    const std::string message = message_of(expand_name(name));
    BOOST_TEST(message.starts_with("'" + name + "' is not a range of"), message);
  }
  BOOST_TEST(!expand_name("b[1..1001]"));
  BOOST_TEST(must(expand_name("b[1..1000]")).size() == 1000u);
}

BOOST_AUTO_TEST_CASE(brackets_inside_brackets_cannot_grow_without_bound) {
  BOOST_TEST(
      refusal("a[1..1000]: {b[1..1000]: {c[1..1000]: 1}}").find("larger than 200000 values") !=
      std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_writer_and_the_reader_agree_on_every_text) {
  const std::vector<std::string> texts{
      "plain", "two words",  "a: b",        "a #b",        "# no comment", "~",
      "null",  "",           "-",           "--- x",       "[x]",          "{x}",
      "it's",  "say \"so\"", "back\\slash", "line\nbreak", "tab\there",    "ends:",
      "%",     "5%",         "940/s",       "2001:db8::1", "@x",           "`x`",
      "!x",    "&x",         "*x",          "| x",         "> x",          "? x",
      "naïve", " x ",        "true",        "b[1..4]",     "...",          "time_wait(c1)"};
  Node list = Node::list();
  Node map = Node::map();
  for (const std::string& text : texts) {
    list.items.push_back(Node::scalar(text));
    map.put("k" + std::to_string(map.entries.size()), Node::scalar(text));
  }
  Node root = Node::map();
  root.put("list", list);
  root.put("map", map);
  for (const int levels : {1, 2, 5}) {
    const Node back = tree_of(to_yaml(root, levels));
    for (std::size_t i = 0; i < texts.size(); ++i) {
      BOOST_TEST(back.find("list")->value.items[i].text == texts[i]);
      BOOST_TEST(back.find("map")->value.entries[i].value.text == texts[i]);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
