// Bounds what SQLite does for a reader of a file that a stranger may have made: a view can compute
// for ever. Looked at every few thousand steps of SQLite's machine
// (https://www.sqlite.org/c3ref/progress_handler.html).
//
// Time is that of the processor in the asking thread, from a question's first look on, so that
// nobody's pager and no sleeping laptop counts. Once a question has run out of time, or the flag
// was set, every further question of the same reader fails at once.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace elblab::trace {

// What is read of traces of our own runs needs no limit of time.
struct ReadingLimits {
  std::chrono::milliseconds question{0};    // of processor time; 0: any
  std::size_t series = 1'000'000;           // and as many objects
  std::string raised_by = {};               // the option that sets `question`; empty: none
  const std::atomic<bool>* stop = nullptr;  // true ends every question; outlives the reader
};

class ReadingWatch {
 public:
  // What a statement has cost so far.
  struct Question {
    std::optional<std::chrono::nanoseconds> begun;
  };

  // Watches the connection until it is closed, which must be before the end of this object.
  ReadingWatch(sqlite3* connection, ReadingLimits limits);
  ReadingWatch(const ReadingWatch&) = delete;
  ReadingWatch& operator=(const ReadingWatch&) = delete;

  // While it lives, what SQLite does is done for `question`.
  class Asking {
   public:
    Asking(ReadingWatch& watch, Question& question) : watch_(watch) { watch_.asked_ = &question; }
    ~Asking() { watch_.asked_ = &watch_.nobodys_; }
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;

   private:
    ReadingWatch& watch_;
  };
  // While it lives, `flag` (may be null) ends questions too, one at a time and not for good.
  class AlsoStoppedBy {
   public:
    AlsoStoppedBy(ReadingWatch& watch, const std::atomic<bool>* flag) : watch_(watch) {
      watch_.flag_ = flag;
    }
    ~AlsoStoppedBy() { watch_.flag_ = nullptr; }
    AlsoStoppedBy(const AlsoStoppedBy&) = delete;
    AlsoStoppedBy& operator=(const AlsoStoppedBy&) = delete;

   private:
    ReadingWatch& watch_;
  };

  bool ran_out() const { return ran_out_; }
  bool was_stopped() const { return is_set(limits_.stop); }
  bool has_ended() const { return ran_out() || was_stopped(); }
  // For people: which limit was met, and what raises it.
  std::string limit_text() const;

 private:
  static bool is_set(const std::atomic<bool>* flag) {
    return flag != nullptr && flag->load(std::memory_order_relaxed);
  }
  static int look(void* watch);
  bool goes_on();

  const ReadingLimits limits_;
  Question nobodys_;
  Question* asked_ = &nobodys_;
  const std::atomic<bool>* flag_ = nullptr;
  bool ran_out_ = false;
};

}  // namespace elblab::trace
