// The view `timeseries`: curves of any measures over one time axis.
#pragma once

#include "gui/views/view.hpp"

namespace elblab::gui {

class TimelineView : public View {
  Q_OBJECT

 public:
  using View::View;
};

}  // namespace elblab::gui
