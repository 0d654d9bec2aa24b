// Precompiled for the analyzer: what most of its files include of Qt.
#include <QApplication>
#include <QColor>
#include <QEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QObject>
#include <QPainter>
#include <QScrollBar>
#include <QString>
#include <QStringList>
#include <QTimer>
#include <QVBoxLayout>
#include <QWidget>

#include "cmake/headers/standard.hpp"
