// Collects located errors while a scenario is decoded.
#pragma once

#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "scenarios/language/scenario_file.hpp"
#include "scenarios/language/source.hpp"

namespace elblab::language {

class Diagnostics {
 public:
  // One error per place: the first one said there is the cause, the others its consequences. That
  // also folds the errors of names expanded from one line (b[1..4]).
  void error(const Place& place, std::string message, std::string suggestion = {});

  bool empty() const { return errors_.empty(); }
  std::size_t size() const { return errors_.size(); }
  // More would only cost time: decoding may stop looking.
  bool full() const { return errors_.size() >= kMost; }

  // As they were reported.
  struct Located {
    Place place;
    std::string message;
    std::string suggestion;
  };
  const std::vector<Located>& located() const { return errors_; }

  // In the order of the file, those of the command line last; at most `kShown`, then one that
  // counts the rest.
  std::vector<Diagnostic> take();

  static constexpr std::size_t kShown = 40;
  static constexpr std::size_t kMost = 1000;

 private:
  using Key = std::tuple<const Source*, int, int>;
  static Key key(const Place& place) { return {place.source.get(), place.line, place.column}; }

  std::vector<Located> errors_;
  std::set<Key> known_;  // for membership only: its order decides nothing
};

// "did you mean 'delay'?" or empty.
std::string did_you_mean(const std::string& name);

}  // namespace elblab::language
