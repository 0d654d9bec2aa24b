// The series of a trace, found by the name of their measure.
//
// A handle on something that never changes: copies are cheap and share it, also between the thread
// that reads the trace and the one that shows it. Two looks at a trace that found the same series
// share it too, so that who follows a growing trace tells by same_as() in O(1) that there is
// nothing new.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/trace/reader.hpp"

namespace elblab::gui {

// "time_wait(c1)"
std::string measure_of(const trace::SeriesInfo& series);

class SeriesCatalogue {
 public:
  SeriesCatalogue();  // empty
  // In the order of their ids. That of `known`, if these are the series in it. O(series).
  static SeriesCatalogue of(std::vector<trace::SeriesInfo> series, const SeriesCatalogue& known);

  std::size_t size() const { return list_->series.size(); }
  bool empty() const { return list_->series.empty(); }
  auto begin() const { return list_->series.begin(); }
  auto end() const { return list_->series.end(); }
  // O(1), as everything else; nullptr: there is none. Valid as long as any copy of this.
  const trace::SeriesInfo* find(const std::string& measure) const;
  bool same_as(const SeriesCatalogue& other) const { return list_ == other.list_; }

 private:
  struct List {
    std::vector<trace::SeriesInfo> series;
    std::unordered_map<std::string, std::size_t> by_measure;  // the first of that name
  };
  explicit SeriesCatalogue(std::shared_ptr<const List> list) : list_(std::move(list)) {}

  std::shared_ptr<const List> list_;  // never empty
};

}  // namespace elblab::gui
