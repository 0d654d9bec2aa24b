#include "gui/application/run_dialog.hpp"

#include <QComboBox>
#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QFontDatabase>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

namespace elblab::gui {
namespace {

constexpr int kLookEvery = 200;  // ms
constexpr int kMostLines = 2000;
constexpr int kSteps = 1000;  // of the progress bar

}  // namespace

RunDialog::RunDialog(TraceSet& traces, QWidget* parent)
    : QDialog(parent),
      traces_(traces),
      program_(find_elblab()),
      filter_(new QLineEdit(this)),
      list_(new QTableView(this)),
      which_run_(new QComboBox(this)),
      seeds_(new QSpinBox(this)),
      folder_(new QLineEdit(QDir::current().absoluteFilePath(QStringLiteral("out")), this)),
      progress_(new QProgressBar(this)),
      state_(new QLabel(this)),
      output_(new QPlainTextEdit(this)),
      start_(new QPushButton(tr("&Run"), this)),
      stop_(new QPushButton(tr("&Stop"), this)) {
  setWindowTitle(tr("Run a scenario"));
  setObjectName(QStringLiteral("run dialog"));
  resize(720, 560);
  lay_out();
  connect_run();
  show_running(false);
  start_->setEnabled(false);
  list_scenarios();
}

void RunDialog::lay_out() {
  filter_->setObjectName(QStringLiteral("filter"));
  folder_->setObjectName(QStringLiteral("folder"));
  output_->setObjectName(QStringLiteral("output"));
  state_->setObjectName(QStringLiteral("state"));
  start_->setObjectName(QStringLiteral("run"));
  stop_->setObjectName(QStringLiteral("stop"));
  filter_->setPlaceholderText(tr("Filter: TW-01, idle, ports …"));
  filter_->setClearButtonEnabled(true);
  filtered_.setSourceModel(&scenarios_);
  filtered_.setFilterKeyColumn(-1);
  filtered_.setFilterCaseSensitivity(Qt::CaseInsensitive);
  list_->setObjectName(QStringLiteral("scenarios"));
  list_->setModel(&filtered_);
  list_->setSelectionBehavior(QAbstractItemView::SelectRows);
  list_->setSelectionMode(QAbstractItemView::SingleSelection);
  list_->verticalHeader()->hide();
  list_->setShowGrid(false);
  list_->horizontalHeader()->setSectionResizeMode(1, QHeaderView::Stretch);
  seeds_->setRange(1, 100);
  output_->setReadOnly(true);
  output_->setMaximumBlockCount(kMostLines);
  output_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  output_->setPlaceholderText(tr("What the run says comes here."));
  progress_->setRange(0, kSteps);
  progress_->setTextVisible(false);
  state_->setWordWrap(true);

  auto* form = new QFormLayout;
  form->addRow(tr("Which run"), which_run_);
  form->addRow(tr("Seeds"), seeds_);
  form->addRow(tr("Folder for traces"), folder_);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(progress_, 1);
  buttons->addWidget(start_);
  buttons->addWidget(stop_);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(filter_);
  layout->addWidget(list_, 3);
  layout->addLayout(form);
  layout->addLayout(buttons);
  layout->addWidget(state_);
  layout->addWidget(output_, 2);
}

void RunDialog::connect_run() {
  connect(filter_, &QLineEdit::textChanged, &filtered_,
          &QSortFilterProxyModel::setFilterFixedString);
  connect(list_->selectionModel(), &QItemSelectionModel::currentChanged, this,
          &RunDialog::scenario_chosen);
  connect(list_, &QTableView::doubleClicked, this, &RunDialog::start);
  connect(start_, &QPushButton::clicked, this, &RunDialog::start);
  connect(stop_, &QPushButton::clicked, this, [this] { run_.stop(); });
  connect(&run_, &ScenarioRun::said, this, [this](const QString& text) {
    output_->moveCursor(QTextCursor::End);
    output_->insertPlainText(text);
    output_->moveCursor(QTextCursor::End);
  });
  connect(&run_, &ScenarioRun::ended, this, &RunDialog::ended);
  watch_.setInterval(kLookEvery);
  connect(&watch_, &QTimer::timeout, this, [this] {
    look_for_traces();
    show_progress();
  });
}

void RunDialog::list_scenarios() {
  if (program_.isEmpty()) {
    state_->setText(
        tr("The command elblab was not found beside this program or on the PATH. "
           "Build it with `make build`, or set ELBLAB to where it is."));
    return;
  }
  connect(&lister_, &QProcess::finished, this, [this] {
    scenarios_.show_scenarios(scenarios_of(lister_.readAllStandardOutput()));
    list_->resizeColumnToContents(0);
    const QString mistakes = QString::fromUtf8(lister_.readAllStandardError());
    if (!mistakes.isEmpty()) {
      output_->setPlainText(mistakes);
      state_->setText(tr("Some scenario files have mistakes and are not listed."));
    }
    if (scenarios_.rowCount() == 0 && mistakes.isEmpty()) {
      state_->setText(
          tr("No scenarios were found. Start the analyzer in the folder of elblab, or "
             "set ELBLAB_SCENARIOS."));
      return;
    }
    list_->selectRow(0);
  });
  lister_.start(program_,
                {QStringLiteral("list"), QStringLiteral("--format"), QStringLiteral("json")});
}

void RunDialog::scenario_chosen() {
  const ListedScenario* chosen = scenarios_.at(filtered_.mapToSource(list_->currentIndex()).row());
  which_run_->clear();
  start_->setEnabled(chosen != nullptr && !run_.running());
  if (chosen == nullptr) return;
  which_run_->addItem(tr("all of them"), QString());
  for (const QString& run : chosen->runs) which_run_->addItem(run, run);
}

void RunDialog::start() {
  const ListedScenario* chosen = scenarios_.at(filtered_.mapToSource(list_->currentIndex()).row());
  if (chosen == nullptr || run_.running()) return;
  const RunOrder order{chosen->id, which_run_->currentData().toString(), seeds_->value(),
                       folder_->text()};
  awaited_ = ours_ = traces_of(order, chosen->runs);
  started_at_ = QDateTime::currentMSecsSinceEpoch();
  output_->clear();
  progress_->setValue(0);
  state_->setText(tr("%1 runs …").arg(chosen->id));
  run_.start(program_, order);
  show_running(true);
  watch_.start();
}

// A file that stood there before is another run's.
void RunDialog::look_for_traces() {
  const QStringList awaited = awaited_;
  for (const QString& file : awaited) {
    const QFileInfo info(file);
    if (!info.exists() || info.size() == 0) continue;
    if (info.lastModified().toMSecsSinceEpoch() + 1000 < started_at_) continue;
    awaited_.removeAll(file);
    Q_EMIT trace_written(file);
  }
}

void RunDialog::show_progress() {
  double done = 0;
  for (const OpenTrace* trace : traces_.all()) {
    const QString file = QString::fromStdString(trace->path().string());
    if (!ours_.contains(file) || awaited_.contains(file) || !trace->readable()) continue;
    const double duration = to_seconds(trace->facts().metadata.duration);
    const bool complete = trace->state() == OpenTrace::State::complete;
    done += complete || duration <= 0
                ? 1
                : std::min(1.0, to_seconds(trace->facts().end_of_run) / duration);
  }
  const auto count = static_cast<double>(std::max<qsizetype>(ours_.size(), 1));
  progress_->setValue(static_cast<int>(done / count * kSteps));
}

void RunDialog::ended(int code, const QString& meaning) {
  watch_.stop();
  look_for_traces();
  for (OpenTrace* trace : traces_.all()) {
    if (ours_.contains(QString::fromStdString(trace->path().string()))) trace->look_again();
  }
  show_running(false);
  if (code == 0 || code == 1) progress_->setValue(kSteps);
  state_->setText(tr("Ended: %1.").arg(meaning));
}

void RunDialog::show_running(bool running) {
  start_->setEnabled(!running);
  stop_->setEnabled(running);
  list_->setEnabled(!running);
  start_->setDefault(!running);
}

}  // namespace elblab::gui
