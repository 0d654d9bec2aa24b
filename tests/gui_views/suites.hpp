// The suites of this program; each stands in a file of its own.
#pragma once

#include <QObject>
#include <vector>

namespace elblab::gui::test {

QObject* charts_suite(QObject* parent);
QObject* connections_suite(QObject* parent);
QObject* diagnosis_suite(QObject* parent);
QObject* every_view_suite(QObject* parent);
QObject* ladder_suite(QObject* parent);
QObject* ladder_path_suite(QObject* parent);

inline std::vector<QObject*> suites(QObject* parent) {
  return {ladder_suite(parent), ladder_path_suite(parent), connections_suite(parent),
          charts_suite(parent), diagnosis_suite(parent),   every_view_suite(parent)};
}

}  // namespace elblab::gui::test
