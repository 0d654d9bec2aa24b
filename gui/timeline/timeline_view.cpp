#include "gui/timeline/timeline_view.hpp"
