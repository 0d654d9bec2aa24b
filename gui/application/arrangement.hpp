// What stands where: traces, views, the stretch of time, measures. Saved as a JSON file (.elbview)
// that can be reopened, on another machine too as long as the traces lie where they lay as seen
// from the file; and, without traces, between two starts of the program.
#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QMap>
#include <QString>
#include <QStringList>
#include <optional>
#include <string>
#include <vector>

#include "gui/selection/selection.hpp"

namespace elblab::gui {

// The views of one group: names in the order of their tabs.
struct StageArrangement {
  QStringList over_time;
  QStringList details;
  QString front_over_time;
  QString front_details;
  QByteArray splitter;
  QMap<QString, QJsonObject> settings;  // by name of the view
  bool operator==(const StageArrangement&) const = default;
};

struct Arrangement {
  QStringList traces;  // absolute paths
  int current = -1;    // index into traces; -1: none
  int compared = -1;
  bool side_by_side = false;
  std::optional<TimeRange> range;
  std::vector<std::string> measures;
  StageArrangement stage;
  QByteArray docks;  // QMainWindow::saveState()
  bool operator==(const Arrangement&) const = default;
};

QByteArray to_json(const Arrangement& arrangement, const QString& folder);
// Paths are taken from `folder`. Empty problem: read. What is missing or of the wrong type keeps
// its default: files are written by people, too.
struct ReadArrangement {
  Arrangement arrangement;
  QString problem;
};
ReadArrangement arrangement_of(const QByteArray& json, const QString& folder);

// Files. Empty: done; otherwise what is wrong.
QString save_arrangement(const Arrangement& arrangement, const QString& file);
ReadArrangement load_arrangement(const QString& file);

}  // namespace elblab::gui
