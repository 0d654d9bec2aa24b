#include "scenarios/swarm/random_world.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "scenarios/language/scenario_file.hpp"
#include "scenarios/language/yaml_writer.hpp"
#include "scenarios/random/yaml_nodes.hpp"
#include "scenarios/swarm/balancer_drawing.hpp"
#include "scenarios/swarm/host_drawing.hpp"
#include "scenarios/swarm/load_drawing.hpp"
#include "scenarios/swarm/odd_fields.hpp"
#include "scenarios/swarm/places.hpp"

namespace elblab::swarm {
namespace {

constexpr double kShortest = 2;  // s
constexpr double kLongest = 8;
constexpr unsigned kMostOddFields = 8;
constexpr unsigned kBlockLevels = 4;

Sketch draw_sketch(std::uint64_t seed, Draw& draw) {
  Sketch sketch;
  sketch.features = Features::draw(draw);
  sketch.duration_s = draw.uniform(kShortest, kLongest);
  sketch.tree =
      random_scenarios::map_of({{"scenario", fmt::format("swarm-{}", seed)},
                                {"title", "A random world"},
                                {"duration", random_scenarios::time_text(sketch.duration_s)},
                                {"sample_interval", draw.one_of({"1s", "500ms", "100ms"})}});
  draw_places(sketch, draw);
  draw_hosts(sketch, draw);
  draw_balancers(sketch, draw);
  draw_relays(sketch, draw);
  draw_loads(sketch, draw);
  draw_timeline(sketch, draw);
  return sketch;
}

void add_odd_fields(RandomWorld& world, Draw& draw) {
  for (unsigned i = draw.whole(1, kMostOddFields); i > 0; --i) {
    const auto field = draw_odd_field(world.tree, draw);
    if (!field) continue;
    language::Node with = world.tree;
    put(with, *field);
    if (!is_accepted(with)) continue;
    world.tree = std::move(with);
    world.odd_paths.push_back(fmt::format("{}", fmt::join(field->path, ".")));
  }
}

}  // namespace

std::string yaml_of(const language::Node& tree) { return language::to_yaml(tree, kBlockLevels); }

std::string refusal_of(const language::Node& tree) {
  const auto loaded = language::ScenarioFile::parse(yaml_of(tree), "world.elb.yaml");
  if (!loaded.file) return loaded.errors.front().to_string();
  const auto decoded = loaded.file->decode(loaded.file->runs().front());
  return decoded.scenario ? std::string() : decoded.errors.front().to_string();
}

RandomWorld random_world(std::uint64_t seed) {
  // Some draws contradict themselves, as a load that nothing can carry out: the next one is as
  // good.
  constexpr unsigned kMostDraws = 1000;
  RandomWorld world;
  for (unsigned i = 1; i <= kMostDraws; ++i) {
    Draw draw(random::Stream(seed, fmt::format("swarm/{}", i)));
    Sketch sketch = draw_sketch(seed, draw);
    if (std::string refusal = refusal_of(sketch.tree); !refusal.empty()) {
      world.refusals.push_back(std::move(refusal));
      continue;
    }
    world.seed = seed;
    world.id = fmt::format("swarm-{}", seed);
    world.features = sketch.features.names();
    world.tree = std::move(sketch.tree);
    if (sketch.has(Feature::odd_values)) add_odd_fields(world, draw);
    world.yaml = yaml_of(world.tree);
    return world;
  }
  throw std::logic_error(fmt::format("seed {} draws no world that the language accepts", seed));
}

}  // namespace elblab::swarm
