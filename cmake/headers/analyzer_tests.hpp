// Precompiled for the tests of the analyzer.
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "cmake/headers/analyzer.hpp"
