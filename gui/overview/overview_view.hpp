// The view `overview`: one run on one page, two side by side.
#pragma once

#include <vector>

#include "gui/diagnosis/diagnosis_desk.hpp"
#include "gui/overview/overview_page.hpp"
#include "gui/traces/trace_answers.hpp"
#include "gui/views/view.hpp"

class QUrl;

namespace elblab::gui {

class Page;

class OverviewView : public View {
  Q_OBJECT

 public:
  explicit OverviewView(ViewContext context, QWidget* parent = nullptr);

  void paint(QPainter& painter, QSize size) override;
  DataTable table() const override;

 protected:
  void traces_changed() override;

 private:
  // What is known of each run shown.
  std::vector<RunOverview> runs() const;
  void write();
  void follow(const QUrl& link);

  DiagnosisDesk& desk_;
  TraceAnswers<RunTotals> totals_;
  Page* page_;
};

}  // namespace elblab::gui
