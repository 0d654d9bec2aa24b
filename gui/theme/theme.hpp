// Colours of the views, light and dark, in one place.
//
// Views ask Theme::of(palette()) while they paint: the palette of the application decides, so a
// change of theme is a repaint. Series colours are those of Okabe and Ito (2008), told apart by
// people who see fewer colours too, lightened for dark grounds.
#pragma once

#include <QColor>
#include <QPalette>
#include <array>
#include <cstddef>

class QApplication;

namespace elblab::gui {

enum class Tone : unsigned char { light, dark };

struct Theme {
  Tone tone = Tone::light;
  QColor ground;     // behind curves and cells
  QColor panel;      // behind titles, axes, legends
  QColor text;       // what is read
  QColor faint;      // units, secondary text
  QColor grid;       // grid lines, frames
  QColor good;       // holds, success
  QColor bad;        // does not hold, drops, failures
  QColor warning;    // limits, possible causes
  QColor highlight;  // the stretch of an evidence, the selected row; opaque
  QColor crosshair;
  std::array<QColor, 8> series;

  const QColor& colour_of(std::size_t index) const { return series[index % series.size()]; }
  // From 0 (ground) to 1 (strong): cells of a heat map.
  QColor heat(double share) const;

  static const Theme& of(Tone tone);
  static const Theme& of(const QPalette& palette);
};

// Sets style (Fusion) and palette of the whole application.
void apply_theme(QApplication& application, Tone tone);

}  // namespace elblab::gui
