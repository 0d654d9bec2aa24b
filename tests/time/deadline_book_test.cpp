// Things driven at the cost of what moves, against asking all of them at every step.
#include "models/time/deadline_book.hpp"

#include <boost/test/unit_test.hpp>
#include <memory>
#include <vector>

#include "models/random/stream.hpp"

using namespace elblab;

namespace {

using Story = std::vector<std::size_t>;  // who was advanced

Instant at(std::uint64_t nanoseconds) { return kStart + Duration(nanoseconds); }

// When advanced, gives itself and some others new deadlines, by a script that its number and the
// count of its turns decide.
class Busy final : public Deadlined {
 public:
  Busy(std::size_t number, std::vector<std::unique_ptr<Busy>>& all, Story& story)
      : number_(number), all_(all), story_(story) {}

  Instant next_deadline() const override {
    ++asked;
    return due_;
  }
  void advance(Instant now) override {
    story_.push_back(number_);
    random::Stream script(turns_++, "busy/" + std::to_string(number_));
    due_ = script.chance(0.2) ? kNever : now + Duration(script.below(20));
    for (std::uint64_t others = script.below(3); others > 0; --others) {
      all_[script.below(all_.size())]->set(now + Duration(script.below(20)));
    }
  }
  void set(Instant due) {
    due_ = due;
    moved();
  }

  mutable std::uint64_t asked = 0;

 private:
  std::size_t number_;
  std::vector<std::unique_ptr<Busy>>& all_;
  Story& story_;
  Instant due_ = kNever;
  std::uint64_t turns_ = 0;
};

struct Crowd {
  explicit Crowd(std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
      things.push_back(std::make_unique<Busy>(i, things, story));
  }
  Story story;
  std::vector<std::unique_ptr<Busy>> things;
};

// As worlds did it before there was a book.
Instant plain_earliest(const Crowd& crowd) {
  Instant next = kNever;
  for (const auto& thing : crowd.things) next = std::min(next, thing->next_deadline());
  return next;
}

}  // namespace

BOOST_AUTO_TEST_CASE(things_are_advanced_as_if_all_were_asked_in_their_order) {
  for (const std::size_t size : {1U, 2U, 7U, 100U}) {
    Crowd plain(size);
    Crowd booked(size);
    DeadlineBook book;
    for (const auto& thing : booked.things) book.add(*thing);
    random::Stream outside(size, "outside");
    for (std::uint64_t step = 0; step < 3000; ++step) {
      const std::size_t whom = outside.below(size);
      const Instant due = at(step + outside.below(10));
      plain.things[whom]->set(due);
      booked.things[whom]->set(due);
      for (const auto& thing : plain.things) {
        if (thing->next_deadline() <= at(step)) thing->advance(at(step));
      }
      book.advance_due(at(step));
      BOOST_REQUIRE(book.earliest() == plain_earliest(plain));
      BOOST_REQUIRE(booked.story == plain.story);
    }
    BOOST_TEST(plain.story.size() > 300);  // of one thing; more of more
  }
}

BOOST_AUTO_TEST_CASE(who_did_not_move_is_not_asked) {
  constexpr std::uint64_t kThings = 2000;
  Crowd crowd(kThings);
  DeadlineBook book;
  for (const auto& thing : crowd.things) book.add(*thing);
  book.settle();
  for (const auto& thing : crowd.things) thing->asked = 0;
  for (std::uint64_t i = 0; i < 100; ++i) {
    crowd.things[17]->set(at(1000 + i));
    book.settle();
    BOOST_REQUIRE(book.earliest() == at(1000 + i));
  }
  std::uint64_t asked = 0;
  for (const auto& thing : crowd.things) asked += thing->asked;
  BOOST_TEST(asked == 100);
}

BOOST_AUTO_TEST_CASE(what_is_called_before_asking_sees_each_that_moved_once) {
  Crowd crowd(5);
  DeadlineBook book;
  for (const auto& thing : crowd.things) book.add(*thing);
  book.settle();
  for (const std::size_t whom : {3U, 1U, 3U}) crowd.things[whom]->set(at(9));
  std::vector<DeadlineBook::Place> seen;
  book.settle([&](DeadlineBook::Place place) { seen.push_back(place); });
  BOOST_TEST(seen == (std::vector<DeadlineBook::Place>{3, 1}), boost::test_tools::per_element());
}
