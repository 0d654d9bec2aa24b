#include "gui/application/scenario_run.hpp"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

namespace elblab::gui {
namespace {

constexpr int kMillisecondsToStop = 5000;

// docs of `elblab --help`
QString meaning_of(int code) {
  switch (code) {
    case 0:
      return QObject::tr("every expectation holds");
    case 1:
      return QObject::tr("an expectation does not hold");
    case 2:
      return QObject::tr("the scenario has a mistake");
    case 130:
      return QObject::tr("stopped");
    default:
      return QObject::tr("it could not run");
  }
}

}  // namespace

QString find_elblab() {
  const QString named = qEnvironmentVariable("ELBLAB");
  if (!named.isEmpty()) return QFileInfo(named).isExecutable() ? named : QString();
  QString beside = QCoreApplication::applicationDirPath() + QStringLiteral("/elblab");
  if (QFileInfo(beside).isExecutable()) return beside;
  return QStandardPaths::findExecutable(QStringLiteral("elblab"));
}

ScenarioRun::~ScenarioRun() {
  if (!running()) return;
  process_.disconnect(this);
  process_.terminate();
  if (!process_.waitForFinished(kMillisecondsToStop)) process_.kill();
  process_.waitForFinished(kMillisecondsToStop);
}

void ScenarioRun::start(const QString& program, const RunOrder& order) {
  if (!std::exchange(connected_, true)) {
    process_.setProcessChannelMode(QProcess::MergedChannels);
    connect(&process_, &QProcess::readyRead, this,
            [this] { Q_EMIT said(QString::fromUtf8(process_.readAll())); });
    connect(&process_, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
      const bool crashed = status == QProcess::CrashExit;
      Q_EMIT ended(crashed ? -1 : code, crashed ? tr("elblab crashed") : meaning_of(code));
    });
    connect(&process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
      if (error == QProcess::FailedToStart) Q_EMIT ended(-1, process_.errorString());
    });
  }
  QStringList words{QStringLiteral("run"),     order.scenario,
                    QStringLiteral("--seeds"), QString::number(order.seeds),
                    QStringLiteral("--out"),   order.folder};
  if (!order.run.isEmpty()) words << QStringLiteral("--run") << order.run;
  process_.start(program, words);
}

void ScenarioRun::stop() {
  if (running()) process_.terminate();
}

QStringList traces_of(const RunOrder& order, const QStringList& runs) {
  QStringList files;
  for (const QString& run : order.run.isEmpty() ? runs : QStringList{order.run}) {
    for (int seed = 1; seed <= order.seeds; ++seed) {
      files << QDir(order.folder)
                   .absoluteFilePath(QStringLiteral("%1.%2.seed%3.db")
                                         .arg(order.scenario, run, QString::number(seed)));
    }
  }
  return files;
}

}  // namespace elblab::gui
