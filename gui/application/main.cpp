// elblab-gui: look at what a run recorded.
#include <QApplication>

#include "gui/views/view_table.hpp"

int main(int argc, char** argv) {
  QApplication application(argc, argv);
  elblab::gui::apply_theme(application, elblab::gui::Tone::light);
  elblab::gui::TraceSet traces;
  elblab::gui::TraceFocus focus(traces);
  elblab::gui::Selection selection;
  elblab::gui::View* view =
      elblab::gui::make_view(elblab::gui::view_table().front(), {focus, selection}, nullptr);
  for (int i = 1; i < argc; ++i) traces.open(argv[i]);
  view->show();
  const int code = QApplication::exec();
  delete view;
  return code;
}
