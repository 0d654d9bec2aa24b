// The traces opened last, newest first, kept from one start of the program to the next.
#pragma once

#include <QStringList>

class QSettings;

namespace elblab::gui {

class RecentFiles {
 public:
  static constexpr int kMost = 10;

  // `settings` must outlive this.
  explicit RecentFiles(QSettings& settings);

  void add(const QString& file);  // kept as an absolute path, each once
  void remove(const QString& file);
  void clear();
  QStringList files() const;

 private:
  void keep(const QStringList& files);

  QSettings& settings_;
};

}  // namespace elblab::gui
