#include "tests/live_world/stage.hpp"

#include "tests/must.hpp"

namespace elblab::live::test {
namespace {

constexpr Duration kLimit = std::chrono::seconds(20);
constexpr Duration kLookEvery = std::chrono::milliseconds(1);

}  // namespace

Stage::Stage(const language::Scenario& scenario) : scenario_(scenario) {
  nowhere_ = must(worlds::Recording::open({}, {}));
  world_ = std::make_unique<World>(scenario_, WorldOptions{}, *nowhere_);
  must(world_->build());
  world_->add_servers();
  loop_ = std::make_unique<Loop>(clock_);
  world_->put_on(*loop_);
  must(loop_->open());
  clock_.start();
  must(world_->start(clock_.now()));
}

bool Stage::turn_until(const std::function<bool()>& condition) {
  const Instant limit = clock_.now() + kLimit;
  while (!condition()) {
    if (clock_.now() > limit) return false;
    loop_->turn(clock_.now() + kLookEvery);
  }
  return true;
}

}  // namespace elblab::live::test
