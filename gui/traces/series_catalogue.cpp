#include "gui/traces/series_catalogue.hpp"

#include <algorithm>
#include <utility>

namespace elblab::gui {
namespace {

bool same_series(const trace::SeriesInfo& a, const trace::SeriesInfo& b) {
  return a.id == b.id && a.kind == b.kind && a.name == b.name && a.object == b.object &&
         a.unit == b.unit;
}

}  // namespace

std::string measure_of(const trace::SeriesInfo& series) {
  return series.object.empty() ? series.name : series.name + "(" + series.object + ")";
}

SeriesCatalogue::SeriesCatalogue() {
  static const auto kEmpty = std::make_shared<const List>();
  list_ = kEmpty;
}

SeriesCatalogue SeriesCatalogue::of(std::vector<trace::SeriesInfo> series,
                                    const SeriesCatalogue& known) {
  if (std::equal(series.begin(), series.end(), known.begin(), known.end(), same_series)) {
    return known;
  }
  auto list = std::make_shared<List>();
  list->by_measure.reserve(series.size());
  for (std::size_t i = 0; i < series.size(); ++i) {
    list->by_measure.emplace(measure_of(series[i]), i);
  }
  list->series = std::move(series);
  return SeriesCatalogue(std::move(list));
}

const trace::SeriesInfo* SeriesCatalogue::find(const std::string& measure) const {
  const auto found = list_->by_measure.find(measure);
  return found == list_->by_measure.end() ? nullptr : &list_->series[found->second];
}

}  // namespace elblab::gui
