// One trace that the analyzer shows: what is known of it, and a way to ask it without waiting.
//
// Two worker threads read it, each with a trace::Reader of its own: quick for what must follow the
// mouse (curves, a page of rows), thorough for what may take seconds (metrics, diagnosis, sorting),
// so that the one never waits for the other. ask() posts work to one of them and delivers the
// result to the GUI thread. A trace whose run goes on is looked at again while it grows; changed()
// tells of it. The file is only ever read.
//
// Lives on the GUI thread; destruction waits for work that has begun, so owners retire() first and
// destroy when retired() came (TraceSet does).
#pragma once

#include <QObject>
#include <QPointer>
#include <QString>
#include <QTimer>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "gui/traces/judgement.hpp"
#include "gui/traces/lane.hpp"
#include "gui/traces/request.hpp"
#include "gui/traces/series_catalogue.hpp"

namespace elblab::gui {

enum class LaneKind : std::uint8_t { quick, thorough };

// As of the last look at the file.
struct TraceFacts {
  trace::RunMetadata metadata;
  SeriesCatalogue series;
  ScenarioFacts scenario;
  bool complete = false;
  Instant end_of_run = kStart;

  // "time_wait(c1)"
  const trace::SeriesInfo* find(const std::string& measure) const { return series.find(measure); }
};

class OpenTrace : public QObject {
  Q_OBJECT

 public:
  enum class State : std::uint8_t {
    opening,
    failed,   // message() says why and what to do
    growing,  // its run goes on, or was cut off
    complete,
  };

  OpenTrace(int id, std::filesystem::path path, QObject* parent = nullptr);
  ~OpenTrace() override;

  int id() const { return id_; }  // unique in the program's life, from 1
  const std::filesystem::path& path() const { return path_; }
  State state() const { return state_; }
  bool readable() const { return state_ == State::growing || state_ == State::complete; }
  const QString& message() const { return message_; }
  // Once readable.
  const TraceFacts& facts() const { return facts_; }
  // Counts up whenever facts() changed and what was read before is old.
  std::uint64_t generation() const { return generation_; }
  const std::optional<Judgement>& judgement() const { return judgement_; }
  // "TW-01 symptom, seed 1"; the file's name until it is readable.
  QString label() const;

  // work(reader) or work(reader, cancel_flag) runs on the lane's thread and gives a value;
  // done(value) runs on the GUI thread, unless the request was cancelled, `receiver` is gone, or
  // the file cannot be read any more (then changed() tells, and the request is no longer under
  // way). Answers come in the order of asking.
  template <class Work, class Done>
  Request ask(LaneKind lane, QObject* receiver, Work work, Done done);
  // Questions that were asked and not answered or dropped yet.
  int pending() const { return pending_; }

  // Looks at the file now instead of at the next tick, for instance when its run has ended.
  void look_again();
  // Takes no questions any more and drops those under way; retired() comes when all threads are
  // idle.
  void retire();

 Q_SIGNALS:
  void changed();  // state, facts, judgement
  void settled();  // pending() has become 0
  void retired();

 private:
  using Deliver = std::function<void()>;
  struct Look;

  // Runs on the lane's thread; gives what to do on the GUI thread.
  using Job = std::function<Deliver(const Lane::Opened&)>;
  void post(LaneKind lane, Job job);
  void finish_one();
  void note(const Error& problem);
  void take(Look look);
  void check_file();
  void judge_run();
  std::pair<std::uintmax_t, std::int64_t> stamp() const;

  const int id_;
  const std::filesystem::path path_;
  State state_ = State::opening;
  QString message_;
  TraceFacts facts_;
  std::uint64_t generation_ = 0;
  std::optional<Judgement> judgement_;
  int pending_ = 0;
  bool looking_ = false;
  bool retiring_ = false;
  CancelFlag retirement_;
  std::pair<std::uintmax_t, std::int64_t> stamp_{};
  QTimer poll_;
  // Last: their threads end before anything else of this object does.
  std::unique_ptr<Lane> quick_;
  std::unique_ptr<Lane> thorough_;
};

template <class Work, class Done>
Request OpenTrace::ask(LaneKind lane, QObject* receiver, Work work, Done done) {
  const CancelFlag flag;
  if (retiring_) {
    flag.end();
    return Request(flag);
  }
  // Shared, so that the receiver's pointer is copied on the GUI thread only.
  auto guard = std::make_shared<QPointer<QObject>>(receiver);
  post(lane,
       [flag, guard = std::move(guard), work = std::move(work), done = std::move(done),
        retirement = retirement_](const Lane::Opened& opened) mutable -> Deliver {
         if (flag.cancelled() || retirement.cancelled() || opened.reader == nullptr) {
           return [flag] { flag.end(); };
         }
         auto answer = [&] {
           if constexpr (std::is_invocable_v<Work, const trace::Reader&, const CancelFlag&>) {
             return work(*opened.reader, flag);
           } else {
             return work(*opened.reader);
           }
         }();
         // std::function wants copies; the answer may be large or move-only.
         auto kept = std::make_shared<decltype(answer)>(std::move(answer));
         return [flag, guard, retirement, kept, done = std::move(done)]() mutable {
           flag.end();
           if (!flag.cancelled() && !retirement.cancelled() && !guard->isNull())
             done(std::move(*kept));
         };
       });
  return Request(flag);
}

}  // namespace elblab::gui
