// What every view of the analyzer is: a widget that shows the traces of a focus and follows a
// selection, can be exported, and keeps its settings in an arrangement.
//
// A view asks traces through OpenTrace::ask() and never waits; when TraceSet::settled() came and
// events were handled, it shows what it was asked to show, so it must post follow-up questions from
// within the answers. It registers in view_table.cpp, which also gives its name and title.
//
// Derived classes implement the hooks; each is called on the GUI thread. start() is called once,
// after construction, before the first event.
#pragma once

#include <QJsonObject>
#include <QString>
#include <QWidget>

#include "gui/selection/selection.hpp"
#include "gui/theme/theme.hpp"
#include "gui/traces/trace_focus.hpp"
#include "gui/views/data_table.hpp"

class QLabel;
class QPainter;

namespace elblab::gui {

// What a group of linked views shares. Both outlive the views.
struct ViewContext {
  TraceFocus& focus;
  Selection& selection;
};

class View : public QWidget {
  Q_OBJECT

 public:
  explicit View(ViewContext context, QWidget* parent = nullptr);
  ~View() override;

  // Why there is nothing to see and what to do about it; shown in place of the content. Empty:
  // there is something. The base class speaks for the focus: no trace, one that cannot be read, one
  // that is being opened; a derived class asks it first.
  virtual QString empty_text() const;

  // Draws the content at `size` logical pixels for a picture; `size` may differ from the widget's.
  // The default lays the widget out at that size and renders it.
  virtual void paint(QPainter& painter, QSize size);
  // The numbers behind the picture. The default has none.
  virtual DataTable table() const { return {}; }

  // Settings that an arrangement keeps (columns, filter, chosen group); restore() takes what it
  // knows and leaves out the rest: the file may be of another version.
  virtual QJsonObject settings() const { return {}; }
  virtual void restore(const QJsonObject& settings) { Q_UNUSED(settings) }

  // Connects to the context and calls traces_changed() for the first time. By who makes the view.
  void start();

  // Esc with the keyboard in this view: ends what the view is busy with, else lets go of the
  // evidence. The one meaning of the key: no view has a shortcut of its own for it.
  void escape();

 protected:
  TraceFocus& focus() const { return context_.focus; }
  Selection& selection() const { return context_.selection; }
  const Theme& theme() const { return Theme::of(palette()); }
  // Looks at empty_text() again; call when an answer changed it.
  void update_notice();

  // Ends what a person waits for, for instance a search. False: there is no such thing.
  virtual bool stop_work() { return false; }

  // Another trace, or one of them changed: compare OpenTrace::generation() to ask only when needed.
  virtual void traces_changed() {}
  virtual void range_changed() {}
  virtual void measures_changed() {}
  virtual void connection_changed() {}
  virtual void highlight_changed() {}
  virtual void cursor_changed() {}
  virtual void theme_changed() { update(); }

  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  ViewContext context_;
  QLabel* notice_;
};

}  // namespace elblab::gui
