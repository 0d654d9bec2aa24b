// What is left of a tree when it is made smaller, held against what must be left.
#include "scenarios/swarm/shrinking.hpp"

#include <boost/test/unit_test.hpp>

#include "scenarios/language/yaml_writer.hpp"
#include "scenarios/random/yaml_nodes.hpp"

namespace elblab::swarm {
namespace {

using language::Node;
using random_scenarios::map_of;
using random_scenarios::scalar;

// Seven hosts, of which one is lossy, and a list.
Node a_tree() {
  Node hosts = map_of({{"c1", map_of({{"role", "client"}, {"delay", "2ms"}})},
                       {"b[1..3]", map_of({{"role", "server"}, {"loss", "40%"}})},
                       {"d1", map_of({{"role", "client"}})}});
  Node timeline = random_scenarios::list_of({map_of({{"at", "1s"}}), map_of({{"at", "4s"}})});
  return map_of({{"title", "a tree"},
                 {"hosts", std::move(hosts)},
                 {"timeline", std::move(timeline)},
                 {"from", "b[1..3]"}});
}

bool anything(const Node&) { return true; }

bool has_loss(const Node& node) {
  if (node.find("loss") != nullptr) return true;
  for (const auto& entry : node.entries) {
    if (has_loss(entry.value)) return true;
  }
  return false;
}

BOOST_AUTO_TEST_CASE(only_what_is_needed_is_left) {
  const Shrunk shrunk = shrink(a_tree(), anything, has_loss, 1000);
  BOOST_TEST(shrunk.is_minimal);
  BOOST_TEST(language::inline_yaml(shrunk.tree) == "{hosts: {b1: {loss: 1%}}}");
}

BOOST_AUTO_TEST_CASE(what_is_not_possible_is_never_asked) {
  const auto has_title = [](const Node& node) { return node.find("title") != nullptr; };
  std::size_t asked = 0;
  const Shrunk shrunk = shrink(
      a_tree(), has_title,
      [&](const Node& node) {
        ++asked;
        BOOST_TEST(has_title(node));
        return has_loss(node);
      },
      1000);
  BOOST_TEST(asked == shrunk.tries);
  BOOST_TEST(shrunk.tree.find("title") != nullptr);
}

BOOST_AUTO_TEST_CASE(nothing_is_asked_more_often_than_is_allowed) {
  std::size_t asked = 0;
  const Shrunk shrunk = shrink(
      a_tree(), anything,
      [&](const Node& node) {
        ++asked;
        return has_loss(node);
      },
      3);
  BOOST_TEST(asked == 3U);
  BOOST_TEST(!shrunk.is_minimal);
  BOOST_TEST(has_loss(shrunk.tree));
}

BOOST_AUTO_TEST_CASE(a_tree_that_nothing_smaller_shows_stays_as_it_is) {
  const Node whole = a_tree();
  const auto is_whole = [&](const Node& node) { return size_of(node) == size_of(whole); };
  const Shrunk shrunk = shrink(
      whole, anything,
      [&](const Node& node) {
        return is_whole(node) && language::inline_yaml(node) == language::inline_yaml(whole);
      },
      1000);
  BOOST_TEST(language::inline_yaml(shrunk.tree) == language::inline_yaml(whole));
  BOOST_TEST(shrunk.is_minimal);
}

BOOST_AUTO_TEST_CASE(a_name_is_shortened_wherever_it_stands) {
  const auto refers = [](const Node& node) {
    const auto* hosts = node.find("hosts");
    const auto* from = node.find("from");
    return hosts != nullptr && from != nullptr && hosts->value.find(from->value.text) != nullptr;
  };
  const Shrunk shrunk = shrink(a_tree(), anything, refers, 1000);
  BOOST_TEST(language::inline_yaml(shrunk.tree).find("[1..3]") == std::string::npos);
  BOOST_TEST(refers(shrunk.tree));
}

}  // namespace
}  // namespace elblab::swarm
