#include "gui/application/recent_files.hpp"

#include <QFileInfo>
#include <QSettings>

namespace elblab::gui {
namespace {

const QString kKey = QStringLiteral("recent_files");

QString full(const QString& file) { return QFileInfo(file).absoluteFilePath(); }

}  // namespace

RecentFiles::RecentFiles(QSettings& settings) : settings_(settings) {}

void RecentFiles::add(const QString& file) {
  QStringList kept = files();
  kept.removeAll(full(file));
  kept.prepend(full(file));
  keep(kept.mid(0, kMost));
}

void RecentFiles::remove(const QString& file) {
  QStringList kept = files();
  kept.removeAll(full(file));
  keep(kept);
}

void RecentFiles::clear() { keep({}); }

QStringList RecentFiles::files() const { return settings_.value(kKey).toStringList(); }

void RecentFiles::keep(const QStringList& files) { settings_.setValue(kKey, files); }

}  // namespace elblab::gui
