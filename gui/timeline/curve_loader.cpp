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

struct CurveLoader::Missing {
  CurveKey key;
  telemetry::SeriesId id = 0;
  bool whole = false;  // the whole run as well
};

struct CurveLoader::Answer {
  std::uint64_t generation = 0;
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
  for (auto& [id, source] : sources_) source.wanted.clear();
  for (const CurveKey& key : kept) sources_[key.trace].wanted.push_back(key);
  for (auto& [id, source] : sources_) {
    OpenTrace* trace = traces_.find(id);
    if (trace == nullptr || !trace->readable()) continue;
    source.picture = {visible, columns, trace->generation()};
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

std::vector<CurveLoader::Missing> CurveLoader::missing_of(const OpenTrace& trace,
                                                          const Source& source) const {
  std::vector<Missing> missing;
  for (const CurveKey& key : source.wanted) {
    const auto* info = trace.facts().find(key.measure);
    if (info == nullptr) continue;
    const auto known = loaded_.find(key);
    const bool has_detail = known != loaded_.end() && known->second.detail_for == source.picture;
    const bool has_whole =
        known != loaded_.end() && known->second.whole_of == source.picture.generation;
    if (!has_detail || !has_whole) missing.push_back({key, info->id, !has_whole});
  }
  return missing;
}

void CurveLoader::ask(OpenTrace& trace, Source& source) {
  // An answer that a file which went away never gave must not stop what comes after.
  if (source.under_way == source.picture.generation) return;
  std::vector<Missing> missing = missing_of(trace, source);
  if (missing.empty()) return;
  const Picture picture = source.picture;
  const TimeRange whole{kStart, trace.facts().end_of_run + Duration(1)};
  const TimeRange range = with_margins(picture.visible, whole.to);
  const int columns = static_cast<int>(static_cast<double>(picture.columns) *
                                       static_cast<double>(range.length().count()) /
                                       static_cast<double>(picture.visible.length().count()));
  source.under_way = picture.generation;
  trace.ask(
      LaneKind::quick, this,
      [missing = std::move(missing), picture, range, whole, columns](const trace::Reader& reader) {
        Answer answer;
        answer.generation = picture.generation;
        for (const Missing& curve : missing) {
          Loaded loaded{read(reader, curve.id, range, columns), picture, {}, 0};
          if (curve.whole) {
            loaded.whole = read(reader, curve.id, whole, kWholeColumns);
            loaded.whole_of = picture.generation;
          }
          answer.curves.emplace_back(curve.key, std::move(loaded));
        }
        return answer;
      },
      [this, id = trace.id()](Answer answer) { take(id, std::move(answer)); });
}

void CurveLoader::take(int trace, Answer answer) {
  const auto source = sources_.find(trace);
  if (source == sources_.end()) return;
  if (source->second.under_way == answer.generation) source->second.under_way.reset();
  const auto& kept = source->second.wanted;
  for (auto& [key, loaded] : answer.curves) {
    if (std::find(kept.begin(), kept.end(), key) == kept.end()) continue;
    Loaded& known = loaded_[key];
    known.detail = std::move(loaded.detail);
    known.detail_for = loaded.detail_for;
    if (loaded.whole_of == 0) continue;
    known.whole = std::move(loaded.whole);
    known.whole_of = loaded.whole_of;
  }
  OpenTrace* open = traces_.find(trace);
  if (open != nullptr && open->readable()) ask(*open, source->second);
  Q_EMIT loaded();
}

}  // namespace elblab::gui
