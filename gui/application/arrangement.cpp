#include "gui/application/arrangement.hpp"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSaveFile>
#include <algorithm>

namespace elblab::gui {
namespace {

constexpr int kVersion = 1;
constexpr qint64 kMostBytes = 1 << 20;

QString text_of(const QByteArray& bytes) { return QString::fromLatin1(bytes.toBase64()); }

QByteArray bytes_of(const QJsonValue& value) {
  return QByteArray::fromBase64(value.toString().toLatin1());
}

QStringList strings_of(const QJsonValue& value) {
  QStringList strings;
  for (const auto& each : value.toArray()) {
    if (each.isString()) strings << each.toString();
  }
  return strings;
}

// Nanoseconds do not fit into JSON's doubles after 104 days; as text they do.
QString nanoseconds_of(Instant at) { return QString::number(at.time_since_epoch().count()); }

std::optional<Instant> instant_of(const QJsonValue& value) {
  bool is_number = false;
  const qlonglong ns = value.toString().toLongLong(&is_number);
  if (!is_number || ns < 0) return std::nullopt;
  return Instant(Duration(ns));
}

QJsonObject json_of(const StageArrangement& stage) {
  QJsonObject settings;
  for (auto it = stage.settings.begin(); it != stage.settings.end(); ++it) {
    settings.insert(it.key(), it.value());
  }
  return {{QStringLiteral("over_time"), QJsonArray::fromStringList(stage.over_time)},
          {QStringLiteral("details"), QJsonArray::fromStringList(stage.details)},
          {QStringLiteral("front_over_time"), stage.front_over_time},
          {QStringLiteral("front_details"), stage.front_details},
          {QStringLiteral("splitter"), text_of(stage.splitter)},
          {QStringLiteral("settings"), settings}};
}

StageArrangement stage_of(const QJsonObject& json) {
  StageArrangement stage;
  stage.over_time = strings_of(json.value(QStringLiteral("over_time")));
  stage.details = strings_of(json.value(QStringLiteral("details")));
  stage.front_over_time = json.value(QStringLiteral("front_over_time")).toString();
  stage.front_details = json.value(QStringLiteral("front_details")).toString();
  stage.splitter = bytes_of(json.value(QStringLiteral("splitter")));
  const QJsonObject settings = json.value(QStringLiteral("settings")).toObject();
  for (auto it = settings.begin(); it != settings.end(); ++it) {
    stage.settings.insert(it.key(), it.value().toObject());
  }
  return stage;
}

int index_of(const QJsonValue& value, qsizetype count) {
  const int index = value.toInt(-1);
  return index >= 0 && index < count ? index : -1;
}

}  // namespace

QByteArray to_json(const Arrangement& arrangement, const QString& folder) {
  const QDir base(folder);
  QJsonArray traces;
  for (const QString& trace : arrangement.traces) traces << base.relativeFilePath(trace);
  QJsonArray measures;
  for (const std::string& measure : arrangement.measures) {
    measures << QString::fromStdString(measure);
  }
  QJsonObject json{{QStringLiteral("elblab_arrangement"), kVersion},
                   {QStringLiteral("traces"), traces},
                   {QStringLiteral("current"), arrangement.current},
                   {QStringLiteral("compared"), arrangement.compared},
                   {QStringLiteral("side_by_side"), arrangement.side_by_side},
                   {QStringLiteral("measures"), measures},
                   {QStringLiteral("stage"), json_of(arrangement.stage)},
                   {QStringLiteral("docks"), text_of(arrangement.docks)}};
  if (arrangement.range) {
    json.insert(QStringLiteral("range_ns"), QJsonArray{nanoseconds_of(arrangement.range->from),
                                                       nanoseconds_of(arrangement.range->to)});
  }
  return QJsonDocument(json).toJson();
}

ReadArrangement arrangement_of(const QByteArray& text, const QString& folder) {
  const QJsonObject json = QJsonDocument::fromJson(text).object();
  const QJsonValue version = json.value(QStringLiteral("elblab_arrangement"));
  if (!version.isDouble()) return {{}, QObject::tr("it is not an arrangement of elblab-gui")};
  if (version.toInt() > kVersion) {
    return {{}, QObject::tr("it was saved by a newer elblab-gui; update this one")};
  }
  Arrangement result;
  const QDir base(folder);
  for (const QString& trace : strings_of(json.value(QStringLiteral("traces")))) {
    result.traces << QDir::cleanPath(base.absoluteFilePath(trace));
  }
  result.current = index_of(json.value(QStringLiteral("current")), result.traces.size());
  result.compared = index_of(json.value(QStringLiteral("compared")), result.traces.size());
  result.side_by_side = json.value(QStringLiteral("side_by_side")).toBool();
  for (const QString& measure : strings_of(json.value(QStringLiteral("measures")))) {
    result.measures.push_back(measure.toStdString());
  }
  const QJsonArray range = json.value(QStringLiteral("range_ns")).toArray();
  const auto from = instant_of(range.at(0));
  const auto to = instant_of(range.at(1));
  if (from && to && *from < *to) result.range = TimeRange{*from, *to};
  result.stage = stage_of(json.value(QStringLiteral("stage")).toObject());
  result.docks = bytes_of(json.value(QStringLiteral("docks")));
  return {std::move(result), {}};
}

QString save_arrangement(const Arrangement& arrangement, const QString& file) {
  QSaveFile out(file);
  const QByteArray json = to_json(arrangement, QFileInfo(file).absolutePath());
  if (out.open(QIODevice::WriteOnly) && out.write(json) == json.size() && out.commit()) return {};
  return QObject::tr("cannot write '%1': %2").arg(file, out.errorString());
}

ReadArrangement load_arrangement(const QString& file) {
  QFile in(file);
  if (!in.open(QIODevice::ReadOnly)) {
    return {{}, QObject::tr("cannot read '%1': %2").arg(file, in.errorString())};
  }
  if (in.size() > kMostBytes) {
    return {{}, QObject::tr("cannot read '%1': it is too large for an arrangement").arg(file)};
  }
  ReadArrangement read = arrangement_of(in.readAll(), QFileInfo(file).absolutePath());
  if (!read.problem.isEmpty()) {
    read.problem = QObject::tr("cannot read '%1': %2").arg(file, read.problem);
  }
  return read;
}

}  // namespace elblab::gui
