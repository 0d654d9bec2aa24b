// Many things that have a deadline each, driven by one: it asks only those whose deadline may have
// moved, and knows the first of all. The cost follows what happens, not how many things there are.
//
// A thing's deadline moves by start() and advance(), which the driver calls and notes itself, and
// by the doing of others: an event of a socket, a packet that another port took in. Then the thing
// says so by moved(). One that does not is woken when its old deadline comes, or too late.
#pragma once

#include <cstdint>
#include <vector>

#include "models/time/deadline_tree.hpp"

namespace elblab {

// Who hears that the thing on a place has moved its deadline.
class DeadlineWatch {
 public:
  virtual ~DeadlineWatch() = default;
  virtual void moved(std::uint32_t place) = 0;
};

class Deadlined {
 public:
  virtual ~Deadlined() = default;
  // kNever: none. The driver calls advance() when it has come.
  virtual Instant next_deadline() const = 0;
  virtual void advance(Instant now) = 0;

  // The watch must outlive the thing's use; nullptr: nobody.
  void watched_by(DeadlineWatch* watch, std::uint32_t place) {
    watch_ = watch;
    place_ = place;
  }

 protected:
  void moved() {
    if (watch_ != nullptr) watch_->moved(place_);
  }

 private:
  DeadlineWatch* watch_ = nullptr;
  std::uint32_t place_ = 0;
};

class DeadlineBook final : public DeadlineWatch {
 public:
  using Place = std::uint32_t;

  DeadlineBook() = default;
  DeadlineBook(const DeadlineBook&) = delete;
  DeadlineBook& operator=(const DeadlineBook&) = delete;

  // Gives the thing's place: 0, 1, 2 … Book and things must live as long as anything is done with
  // either.
  Place add(Deadlined& thing) {
    const auto place = static_cast<Place>(deadlines_.add());
    entries_.push_back({&thing, false});
    thing.watched_by(this, place);
    moved(place);
    return place;
  }
  std::size_t size() const { return entries_.size(); }

  void moved(Place place) override {
    if (entries_[place].moved) return;
    entries_[place].moved = true;
    moved_.push_back(place);
  }
  void all_moved() {
    for (Place place = 0; place < entries_.size(); ++place) moved(place);
  }

  // Asks those that have moved. `before(place)` is called for each before it is asked.
  template <typename Before>
  void settle(Before before) {
    for (std::size_t i = 0; i < moved_.size(); ++i) {  // may grow while it is walked
      const Place place = moved_[i];
      entries_[place].moved = false;
      before(place);
      deadlines_.set(place, entries_[place].thing->next_deadline());
    }
    moved_.clear();
  }
  void settle() {
    settle([](Place) {});
  }
  // As of the last settle(): the first deadline of all, and the lowest place from `from` on that is
  // due at `now`, size() if there is none.
  Instant earliest() const { return deadlines_.earliest(); }
  std::size_t first_due(std::size_t from, Instant now) const {
    return deadlines_.first_due(from, now);
  }
  // Advances each thing that is due at `now`, once, in the order of places. What one of them makes
  // due behind it has its turn too; what it makes due before it waits for the next call.
  void advance_due(Instant now) {
    settle();
    for (std::size_t place = first_due(0, now); place < size(); place = first_due(place + 1, now)) {
      moved(static_cast<Place>(place));
      entries_[place].thing->advance(now);
      settle();
    }
  }

 private:
  struct Entry {
    Deadlined* thing = nullptr;
    bool moved = false;  // in moved_
  };

  std::vector<Entry> entries_;
  std::vector<Place> moved_;  // each once
  DeadlineTree deadlines_;
};

}  // namespace elblab
