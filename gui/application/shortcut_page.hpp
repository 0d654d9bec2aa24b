// The help page of keys and mouse, made from the menus it explains.
#pragma once

#include <QDialog>
#include <QMainWindow>

namespace elblab::gui {

QDialog* make_shortcut_page(QMainWindow& window);

}  // namespace elblab::gui
