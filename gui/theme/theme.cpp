#include "gui/theme/theme.hpp"

#include <QApplication>
#include <QStyle>
#include <QStyleFactory>
#include <algorithm>

namespace elblab::gui {
namespace {

Theme light() {
  return {.tone = Tone::light,
          .ground = QColor("#ffffff"),
          .panel = QColor("#f5f6f8"),
          .text = QColor("#1d2129"),
          .faint = QColor("#626b78"),
          .grid = QColor("#dde1e7"),
          .good = QColor("#1a7f45"),
          .bad = QColor("#c4322b"),
          .warning = QColor("#b26a00"),
          .highlight = QColor("#fff0c2"),
          .crosshair = QColor("#49525f"),
          .series = {QColor("#0072b2"), QColor("#d55e00"), QColor("#009e73"), QColor("#b0578d"),
                     QColor("#b58900"), QColor("#3a9bd4"), QColor("#6b5b95"), QColor("#5a5f66")}};
}

Theme dark() {
  return {.tone = Tone::dark,
          .ground = QColor("#16191e"),
          .panel = QColor("#20242b"),
          .text = QColor("#e6e9ee"),
          .faint = QColor("#98a2b0"),
          .grid = QColor("#343a44"),
          .good = QColor("#5fcf8b"),
          .bad = QColor("#ff7b72"),
          .warning = QColor("#f0b050"),
          .highlight = QColor("#4a3f1c"),
          .crosshair = QColor("#b4bcc8"),
          .series = {QColor("#4fb0f0"), QColor("#ff9248"), QColor("#2fd0a0"), QColor("#e58fc4"),
                     QColor("#e8c547"), QColor("#8fd3ff"), QColor("#b5a5e8"), QColor("#aab2bd")}};
}

int mixed(int from, int to, double share) { return from + static_cast<int>((to - from) * share); }

QPalette palette_of(const Theme& theme) {
  QPalette palette;
  palette.setColor(QPalette::Window, theme.panel);
  palette.setColor(QPalette::WindowText, theme.text);
  palette.setColor(QPalette::Base, theme.ground);
  palette.setColor(QPalette::AlternateBase, theme.panel);
  palette.setColor(QPalette::Text, theme.text);
  palette.setColor(QPalette::Button, theme.panel);
  palette.setColor(QPalette::ButtonText, theme.text);
  palette.setColor(QPalette::BrightText, theme.bad);
  palette.setColor(QPalette::ToolTipBase, theme.panel);
  palette.setColor(QPalette::ToolTipText, theme.text);
  palette.setColor(QPalette::PlaceholderText, theme.faint);
  palette.setColor(QPalette::Link, theme.series[0]);
  palette.setColor(QPalette::Highlight, theme.series[0]);
  palette.setColor(QPalette::HighlightedText,
                   theme.tone == Tone::light ? theme.ground : QColor("#0c0e11"));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    palette.setColor(QPalette::Disabled, role, theme.faint);
  }
  return palette;
}

}  // namespace

QColor Theme::heat(double share) const {
  const double part = std::clamp(share, 0.0, 1.0);
  const QColor& strong = series[0];
  return {mixed(ground.red(), strong.red(), part), mixed(ground.green(), strong.green(), part),
          mixed(ground.blue(), strong.blue(), part)};
}

const Theme& Theme::of(Tone tone) {
  static const Theme kLight = light();
  static const Theme kDark = dark();
  return tone == Tone::light ? kLight : kDark;
}

const Theme& Theme::of(const QPalette& palette) {
  const bool is_dark =
      palette.color(QPalette::Base).lightness() < palette.color(QPalette::Text).lightness();
  return of(is_dark ? Tone::dark : Tone::light);
}

void apply_theme(QApplication& application, Tone tone) {
  const QString style = QStringLiteral("fusion");
  if (application.style()->name() != style) application.setStyle(QStyleFactory::create(style));
  application.setPalette(palette_of(Theme::of(tone)));
}

}  // namespace elblab::gui
