// The loop over things to poll: whom it serves, in which order, and whom it leaves alone. No kernel
// but for event descriptors; ports stand on rings of this file's own.
#include "live/loop.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "live/network/file_descriptor.hpp"
#include "live/port.hpp"
#include "models/net/packet_builder.hpp"
#include "tests/must.hpp"

namespace elblab::live {
namespace {

using namespace std::chrono_literals;

// A descriptor that is readable while it was raised more often than lowered.
class Flag {
 public:
  Flag() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    BOOST_REQUIRE(descriptor_.open());
  }
  int descriptor() const { return descriptor_.get(); }
  void raise() { BOOST_REQUIRE(eventfd_write(descriptor_.get(), 1) == 0); }
  void lower() {
    eventfd_t count = 0;
    if (eventfd_read(descriptor_.get(), &count) != 0) BOOST_REQUIRE(errno == EAGAIN);
  }

 private:
  FileDescriptor descriptor_;
};

using Story = std::vector<std::string>;

// Tells what the loop does with it.
class Told final : public Pollable {
 public:
  Told(std::string name, Story& story) : name_(std::move(name)), story_(story) {}

  int descriptor() const override { return flag.descriptor(); }
  bool ready(Instant) override {
    story_.push_back(name_ + " ready");
    flag.lower();
    if (then) then();
    return portions > 0 && --portions > 0;
  }
  Instant next_deadline() const override {
    ++asked;
    return due;
  }
  void advance(Instant) override {
    story_.push_back(name_ + " advances");
    due = kNever;
    if (then) then();
  }
  void flush() override { ++flushed; }
  // Another moves this one's deadline.
  void move_to(Instant deadline) {
    due = deadline;
    moved();
  }

  Flag flag;
  Instant due = kNever;
  int portions = 0;
  int flushed = 0;
  mutable int asked = 0;
  std::function<void()> then;

 private:
  std::string name_;
  Story& story_;
};

// A ring in memory.
class FakeRing final : public PacketIo {
 public:
  int descriptor() const override { return flag.descriptor(); }
  std::span<const std::span<std::uint8_t>> receive(std::size_t most) override {
    ++receives;
    flag.lower();
    taken_.clear();
    views_.clear();
    while (!waiting.empty() && taken_.size() < most) {
      taken_.push_back(std::move(waiting.front()));
      waiting.pop_front();
    }
    for (auto& packet : taken_) views_.emplace_back(packet);
    counters_.received += views_.size();
    return views_;
  }
  void send(std::span<const std::uint8_t>) override { ++unflushed; }
  void flush() override {
    ++flushes;
    counters_.sent += std::exchange(unflushed, 0);
  }
  const PacketIoCounters& counters() override { return counters_; }

  void arrive(std::vector<std::uint8_t> packet) {
    waiting.push_back(std::move(packet));
    flag.raise();
  }

  Flag flag;
  std::deque<std::vector<std::uint8_t>> waiting;
  std::uint64_t unflushed = 0;
  int receives = 0;
  int flushes = 0;

 private:
  std::vector<std::vector<std::uint8_t>> taken_;
  std::vector<std::span<std::uint8_t>> views_;
  PacketIoCounters counters_;
};

// Ports whose packets all go out of one of them.
class Star final : public PortReceiver {
 public:
  Star(std::size_t count, std::size_t target, Duration delay = {}) : target_(target) {
    language::Link link;
    link.rate_bits_per_second = 1e12;
    link.delay = delay;
    for (std::size_t i = 0; i < count; ++i) {
      auto ring = std::make_unique<FakeRing>();
      rings.push_back(ring.get());
      const std::string name = "h" + std::to_string(i);
      ports.push_back(std::make_unique<Port>(PortOptions{name, 0, link, 0},
                                             random::Stream(1, "link/" + name), nowhere_,
                                             std::move(ring)));
      ports.back()->deliver_to(*this);
    }
  }

  void receive(const PacketBatch& batch, Instant now) override {
    for (const auto& packet : batch) ports[target_]->send(packet, now);
  }
  void put_on(Loop& loop) {
    for (const auto& port : ports) loop.add(*port);
  }
  void forget_what_was_counted() {
    for (FakeRing* ring : rings) ring->receives = ring->flushes = 0;
  }

  std::vector<std::unique_ptr<Port>> ports;
  std::vector<FakeRing*> rings;

 private:
  telemetry::NullRecorder nowhere_;
  std::size_t target_;
};

std::vector<std::uint8_t> some_packet() { return std::vector<std::uint8_t>(60, 0x45); }

// To be declared after what it polls.
struct Stage {
  Stage() { clock.start(); }
  void open() {
    must(loop.open());
    turn();
  }
  bool turn() { return loop.turn(clock.now()); }

  RunClock clock;
  Loop loop{clock};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(live_loop)

BOOST_AUTO_TEST_CASE(a_packet_costs_nothing_at_ports_it_does_not_pass) {
  Star star(120, 7);
  Stage stage;
  star.put_on(stage.loop);
  stage.open();
  star.forget_what_was_counted();
  star.rings[100]->arrive(some_packet());
  stage.turn();
  BOOST_TEST(star.rings[7]->counters().sent == 1);
  for (std::size_t i = 0; i < star.rings.size(); ++i) {
    BOOST_TEST_CONTEXT("port " << i) {
      BOOST_TEST(star.rings[i]->receives == (i == 100 ? 2 : 0));  // until nothing comes
      BOOST_TEST((star.rings[i]->flushes > 0) == (i == 7 || i == 100));
    }
  }
  BOOST_TEST(star.rings[7]->flushes == 1);
}

BOOST_AUTO_TEST_CASE(things_of_several_balancers_are_served_by_one_loop) {
  Star one(3, 1);
  Star other(4, 2);
  Stage stage;
  one.put_on(stage.loop);
  other.put_on(stage.loop);
  stage.open();
  one.rings[0]->arrive(some_packet());
  other.rings[3]->arrive(some_packet());
  stage.turn();
  BOOST_TEST(one.rings[1]->counters().sent == 1);
  BOOST_TEST(other.rings[2]->counters().sent == 1);
}

BOOST_AUTO_TEST_CASE(more_than_a_portion_of_packets_is_taken_in_one_turn_and_flushed_by_portions) {
  Star star(2, 1);
  Stage stage;
  star.put_on(stage.loop);
  stage.open();
  star.forget_what_was_counted();
  for (std::size_t i = 0; i < 2 * Port::kPortion + 1; ++i) star.rings[0]->arrive(some_packet());
  stage.turn();
  BOOST_TEST(star.rings[1]->counters().sent == 2 * Port::kPortion + 1);
  BOOST_TEST(star.rings[1]->flushes == 3);
}

BOOST_AUTO_TEST_CASE(a_packet_comes_out_of_a_delayed_link_when_it_is_due) {
  Star star(2, 1, 5ms);
  Stage stage;
  star.put_on(stage.loop);
  stage.open();
  star.rings[0]->arrive(some_packet());
  const Instant begin = stage.clock.now();
  while (star.rings[1]->counters().sent == 0) {
    BOOST_REQUIRE((stage.clock.now() < begin + 10s));
    stage.loop.turn(begin + 10s);
  }
  BOOST_TEST((stage.clock.now() >= begin + 10ms));
  BOOST_TEST(!star.ports[0]->conservation_problem());
  BOOST_TEST(!star.ports[1]->conservation_problem());
}

BOOST_AUTO_TEST_CASE(the_port_that_a_host_feeds_is_served_before_the_next_host) {
  Story story;
  Told port1("port1", story);
  Told port2("port2", story);
  Told host1("host1", story);
  Told host2("host2", story);
  Stage stage;
  const auto first = stage.loop.add(port1);
  const auto second = stage.loop.add(port2);
  stage.loop.add(host1, first);
  stage.loop.add(host2, second);
  stage.open();
  host1.flag.raise();
  host2.flag.raise();
  stage.turn();
  BOOST_TEST(story == (std::vector<std::string>{"host1 ready", "port1 ready", "host2 ready",
                                                "port2 ready"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(who_has_ever_more_to_do_does_not_keep_the_others_waiting) {
  Story story;
  Told greedy("greedy", story);
  Told modest("modest", story);
  Stage stage;
  stage.loop.add(greedy);
  stage.loop.add(modest);
  stage.open();
  greedy.portions = 1'000'000;
  greedy.flag.raise();
  modest.flag.raise();
  stage.turn();
  BOOST_TEST(std::count(story.begin(), story.end(), "modest ready") == 1);
  BOOST_TEST(std::count(story.begin(), story.end(), "greedy ready") == 16);
}

BOOST_AUTO_TEST_CASE(what_is_due_in_one_turn_is_advanced_once_each_in_the_order_of_adding) {
  Story story;
  Told first("first", story);
  Told idle("idle", story);
  Told last("last", story);
  Stage stage;
  for (Told* each : {&first, &idle, &last}) stage.loop.add(*each);
  stage.open();
  const int asked = idle.asked;
  const int flushed = idle.flushed;
  const Instant now = stage.clock.now();
  last.move_to(now - 2ms);
  first.move_to(now - 1ms);
  // Due again at once: not before the others had their turn.
  first.then = [&] { first.due = kStart; };
  stage.turn();
  BOOST_TEST(story == (std::vector<std::string>{"first advances", "last advances"}),
             boost::test_tools::per_element());
  BOOST_TEST(idle.asked == asked);
  BOOST_TEST(idle.flushed == flushed);
}

BOOST_AUTO_TEST_CASE(a_deadline_that_another_moved_is_heeded) {
  Story story;
  Told mover("mover", story);
  Told moved("moved", story);
  Stage stage;
  stage.loop.add(moved);
  stage.loop.add(mover);
  stage.open();
  mover.then = [&] { moved.move_to(stage.clock.now()); };
  mover.flag.raise();
  stage.turn();
  BOOST_TEST(story == (std::vector<std::string>{"mover ready", "moved advances"}),
             boost::test_tools::per_element());
  BOOST_TEST(moved.flushed >= 1);
}

BOOST_AUTO_TEST_CASE(what_was_changed_from_outside_is_seen_when_all_are_asked) {
  Story story;
  Told thing("thing", story);
  Stage stage;
  stage.loop.add(thing);
  stage.open();
  thing.due = stage.clock.now();
  stage.turn();
  BOOST_TEST(story.empty());
  stage.loop.ask_all();
  stage.turn();
  BOOST_TEST(story.size() == 1);
}

BOOST_AUTO_TEST_CASE(what_is_due_at_the_end_or_later_is_not_run) {
  Story story;
  Told thing("thing", story);
  Stage stage;
  stage.loop.add(thing);
  stage.open();
  const Instant end = stage.clock.now();
  stage.loop.end_at(end);
  thing.move_to(end);
  stage.turn();
  BOOST_TEST(story.empty());
  thing.move_to(end - Duration(1));
  stage.turn();
  BOOST_TEST(story.size() == 1);
}

BOOST_AUTO_TEST_CASE(a_turn_ends_when_the_descriptor_that_ends_turns_is_readable) {
  Stage stage;
  stage.open();
  Flag end;
  must(stage.loop.end_turns_at(end.descriptor()));
  BOOST_TEST(!stage.turn());
  end.raise();
  BOOST_TEST(stage.loop.turn(stage.clock.now() + 10s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::live
