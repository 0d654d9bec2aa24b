#include "gui/timeline/curve_loader.hpp"

#include <algorithm>
#include <set>

namespace elblab::gui {
namespace {

constexpr int kWholeColumns = 1024;

bool covers(const CurveData& data, TimeRange range) {
  return data.range.from <= range.from && range.to <= data.range.to;
}

// Twice the width, as far as the run goes.
TimeRange with_margins(TimeRange visible, Instant end) {
  const Duration margin = visible.length() / 2;
  return {visible.from - std::min<Duration>(margin, visible.from - kStart),
          std::max(visible.to, std::min(visible.to + margin, end))};
}

CurveData read(const trace::Reader& reader, telemetry::SeriesId series, TimeRange range,
               int columns) {
  CurveData data{range,
                 reader.buckets(series, range.from, range.to,
                                static_cast<std::size_t>(std::max(columns, 1)), trace::kSwift)};
  std::erase_if(data.buckets, [](const trace::Bucket& bucket) { return bucket.count == 0; });
  return data;
}

}  // namespace

struct CurveLoader::Answer {
  std::vector<std::pair<CurveKey, Loaded>> curves;
};

CurveLoader::CurveLoader(TraceSet& traces, QObject* parent) : QObject(parent), traces_(traces) {
  connect(&traces, &TraceSet::closing, this, [this](OpenTrace* trace) {
    sources_.erase(trace->id());
    std::erase_if(loaded_, [&](const auto& entry) { return entry.first.trace == trace->id(); });
  });
}

void CurveLoader::want(const std::vector<CurveKey>& curves, TimeRange visible, int columns) {
  const std::set<CurveKey> kept(curves.begin(), curves.end());
  std::erase_if(loaded_, [&](const auto& entry) { return !kept.contains(entry.first); });
  std::map<int, std::vector<CurveKey>> by_trace;
  for (const CurveKey& key : curves) by_trace[key.trace].push_back(key);
  for (auto& [id, keys] : by_trace) {
    OpenTrace* trace = traces_.find(id);
    if (trace == nullptr || !trace->readable()) continue;
    Source& source = sources_[id];
    source.wanted = {std::move(keys), visible, columns, trace->generation()};
    ask(*trace, source);
  }
}

const CurveData* CurveLoader::find(const CurveKey& key, TimeRange visible) const {
  const auto found = loaded_.find(key);
  if (found == loaded_.end()) return nullptr;
  const Loaded& loaded = found->second;
  if (covers(loaded.detail, visible) || loaded.whole.buckets.empty()) return &loaded.detail;
  return &loaded.whole;
}

void CurveLoader::ask(OpenTrace& trace, Source& source) {
  if (source.asked == source.wanted) return;
  // An answer that a file which went away never gave must not stop what comes after.
  if (source.under_way && source.asked.generation == source.wanted.generation) return;
  const TimeRange whole{kStart, trace.facts().end_of_run + Duration(1)};
  const Wish& wish = source.wanted;
  const TimeRange range = with_margins(wish.visible, whole.to);
  const int columns = static_cast<int>(static_cast<double>(wish.columns) *
                                       static_cast<double>(range.length().count()) /
                                       static_cast<double>(wish.visible.length().count()));
  struct Series {
    CurveKey key;
    telemetry::SeriesId id;
    bool again;  // the whole run was not read in this state of the file
  };
  std::vector<Series> asked;
  const bool new_state = source.asked.generation != wish.generation;
  for (const CurveKey& key : wish.curves) {
    if (const auto* info = trace.facts().find(key.measure)) {
      asked.push_back({key, info->id, new_state || !loaded_.contains(key)});
    }
  }
  source.asked = wish;
  source.under_way = true;
  trace.ask(
      LaneKind::quick, this,
      [asked = std::move(asked), range, whole, columns](const trace::Reader& reader) {
        Answer answer;
        for (const Series& series : asked) {
          Loaded loaded{read(reader, series.id, range, columns), {}};
          if (series.again) loaded.whole = read(reader, series.id, whole, kWholeColumns);
          answer.curves.emplace_back(series.key, std::move(loaded));
        }
        return answer;
      },
      [this, id = trace.id()](Answer answer) { take(id, std::move(answer)); });
}

void CurveLoader::take(int trace, Answer answer) {
  const auto source = sources_.find(trace);
  if (source == sources_.end()) return;
  source->second.under_way = false;
  const auto& kept = source->second.wanted.curves;
  for (auto& [key, loaded] : answer.curves) {
    if (std::find(kept.begin(), kept.end(), key) == kept.end()) continue;
    Loaded& known = loaded_[key];
    known.detail = std::move(loaded.detail);
    if (!loaded.whole.buckets.empty()) known.whole = std::move(loaded.whole);
  }
  if (OpenTrace* open = traces_.find(trace)) ask(*open, source->second);
  Q_EMIT loaded();
}

}  // namespace elblab::gui
