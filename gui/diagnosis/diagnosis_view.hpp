// The view `diagnosis`: what is wrong, why, what shows it, what was ruled out, what helps. A click
// on a piece of evidence moves every other view there.
#pragma once

#include <vector>

#include "gui/diagnosis/diagnosis_desk.hpp"
#include "gui/views/view.hpp"

class QUrl;

namespace elblab::gui {

class Page;

class DiagnosisView : public View {
  Q_OBJECT

 public:
  explicit DiagnosisView(ViewContext context, QWidget* parent = nullptr);

  QString empty_text() const override;
  void paint(QPainter& painter, QSize size) override;
  DataTable table() const override;

 protected:
  void traces_changed() override;
  void highlight_changed() override;

 private:
  std::vector<TraceDiagnosis> shown() const;
  void write();
  void follow(const QUrl& link);

  DiagnosisDesk& desk_;
  Page* page_;
};

}  // namespace elblab::gui
