// The suites of this program; each stands in a file of its own.
#pragma once

#include <QApplication>
#include <QObject>
#include <vector>

namespace elblab::gui::test {

QObject* arguments_suite(QObject* parent);
QObject* arrangement_suite(QObject* parent);
QObject* axis_suite(QObject* parent);
QObject* models_suite(QObject* parent);
QObject* refused_trace_suite(QObject* parent);
QObject* run_dialog_suite(QObject* parent);
QObject* selection_suite(QObject* parent);
QObject* shortcut_suite(QObject* parent);
QObject* switching_suite(QObject* parent);
QObject* timeline_suite(QObject* parent);
QObject* trace_set_suite(QObject* parent);
QObject* window_suite(QObject* parent);

inline std::vector<QObject*> suites(QObject* parent) {
  return {selection_suite(parent), axis_suite(parent),        models_suite(parent),
          arguments_suite(parent), arrangement_suite(parent), trace_set_suite(parent),
          timeline_suite(parent),  switching_suite(parent),   refused_trace_suite(parent),
          window_suite(parent),    run_dialog_suite(parent),  shortcut_suite(parent)};
}

}  // namespace elblab::gui::test
