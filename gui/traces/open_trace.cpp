#include "gui/traces/open_trace.hpp"

#include <QMetaObject>
#include <algorithm>
#include <chrono>
#include <system_error>

namespace elblab::gui {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kPoll{500};
// A long incomplete trace takes long to open: at most this share of the time goes into looking.
constexpr int kRestPerLook = 4;

TraceFacts facts_of(const trace::Reader& reader, const SeriesCatalogue& known) {
  return {reader.metadata(), SeriesCatalogue::of(reader.series(), known),
          scenario_facts(reader.metadata()), reader.complete(), reader.end_of_run()};
}

fs::path log_of(const fs::path& path) { return path.string() + "-wal"; }

}  // namespace

// What a look at the file found.
struct OpenTrace::Look {
  std::optional<Error> error;
  TraceFacts facts;
  std::chrono::milliseconds took{};
};

OpenTrace::OpenTrace(int id, fs::path path, QObject* parent)
    : QObject(parent),
      id_(id),
      path_(std::move(path)),
      quick_(std::make_unique<Lane>(path_)),
      thorough_(std::make_unique<Lane>(path_)) {
  poll_.setSingleShot(true);
  connect(&poll_, &QTimer::timeout, this, &OpenTrace::check_file);
  look_again();
}

OpenTrace::~OpenTrace() { Request(retirement_).cancel(); }

QString OpenTrace::label() const {
  if (!readable()) return QString::fromStdString(path_.filename().string());
  const auto& run = facts_.metadata;
  QString label = QString::fromStdString(run.scenario);
  if (!run.run.empty()) label += u' ' + QString::fromStdString(run.run);
  return label + QStringLiteral(", seed %1").arg(run.seed);
}

void OpenTrace::post(LaneKind lane, Job job) {
  ++pending_;
  Lane& chosen = lane == LaneKind::quick ? *quick_ : *thorough_;
  chosen.post([this, job = std::move(job)](const Lane::Opened& opened) mutable {
    Deliver deliver = job(opened);
    std::optional<Error> problem;
    if (opened.reader != nullptr) problem = opened.reader->problem();
    QMetaObject::invokeMethod(
        this,
        [this, deliver = std::move(deliver), problem = std::move(problem)] {
          if (deliver) deliver();
          if (problem) note(*problem);
          finish_one();
        },
        Qt::QueuedConnection);
  });
}

// The file turned out damaged, or went away, after it was opened.
void OpenTrace::note(const Error& problem) {
  if (retiring_ || state_ == State::failed) return;
  state_ = State::failed;
  message_ = QString::fromStdString(problem.message);
  poll_.start(kPoll);
  Q_EMIT changed();
}

void OpenTrace::finish_one() {
  if (--pending_ > 0) return;
  Q_EMIT settled();
  if (retiring_) Q_EMIT retired();
}

std::pair<std::uintmax_t, std::int64_t> OpenTrace::stamp() const {
  std::error_code error;
  std::uintmax_t bytes = 0;
  std::int64_t time = 0;
  for (const fs::path& file : {path_, log_of(path_)}) {
    const auto size = fs::file_size(file, error);
    if (error) continue;
    bytes += size;
    time =
        std::max<std::int64_t>(time, fs::last_write_time(file, error).time_since_epoch().count());
  }
  return {bytes, time};
}

void OpenTrace::look_again() {
  if (looking_ || retiring_) return;
  looking_ = true;
  stamp_ = stamp();
  quick_->reopen();
  thorough_->reopen();
  post(LaneKind::quick, [this, known = facts_.series](const Lane::Opened& opened) -> Deliver {
    const auto begun = std::chrono::steady_clock::now();
    Look look;
    look.error = opened.error;
    if (opened.reader != nullptr) look.facts = facts_of(*opened.reader, known);
    if (!look.error && opened.reader != nullptr) look.error = opened.reader->problem();
    look.took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begun);
    return [this, look = std::move(look)] { take(look); };
  });
}

void OpenTrace::take(Look look) {
  looking_ = false;
  if (retiring_) return;
  const bool was_readable = readable();
  if (look.error) {
    state_ = State::failed;
    message_ = QString::fromStdString(look.error->message);
  } else {
    state_ = look.facts.complete ? State::complete : State::growing;
    message_.clear();
    facts_ = std::move(look.facts);
    ++generation_;
  }
  if (state_ == State::complete) {
    judge_run();
  } else if (state_ == State::growing || was_readable) {
    poll_.start(std::max(kPoll, kRestPerLook * look.took));
  }
  Q_EMIT changed();
}

void OpenTrace::check_file() {
  if (stamp() != stamp_) {
    look_again();
  } else {
    poll_.start(kPoll);
  }
}

void OpenTrace::judge_run() {
  ask(
      LaneKind::thorough, this, [](const trace::Reader& reader) { return judge(reader); },
      [this](Judgement judgement) {
        judgement_ = std::move(judgement);
        Q_EMIT changed();
      });
}

void OpenTrace::retire() {
  if (retiring_) return;
  retiring_ = true;
  poll_.stop();
  Request(retirement_).cancel();
  // Behind everything else, in both lanes.
  post(LaneKind::quick, [](const Lane::Opened&) -> Deliver { return {}; });
  post(LaneKind::thorough, [](const Lane::Opened&) -> Deliver { return {}; });
}

}  // namespace elblab::gui
