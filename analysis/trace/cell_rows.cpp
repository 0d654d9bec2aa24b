#include "analysis/trace/cell_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>

namespace elblab::trace {
namespace {

// SQLite knows these by the addresses of their bases. They are made and freed by the callbacks.
struct Table : sqlite3_vtab {
  const CellRows* rows;
};

struct Cursor : sqlite3_vtab_cursor {
  const Cell* row;
  const Cell* end;
  std::size_t columns;
};

int connect(sqlite3* database, void* rows, int, const char* const*, sqlite3_vtab** table, char**) {
  const auto* source = static_cast<const CellRows*>(rows);
  const int declared = sqlite3_declare_vtab(database, source->declaration().c_str());
  if (declared != SQLITE_OK) return declared;
  auto* made = new (std::nothrow) Table{};
  if (made == nullptr) return SQLITE_NOMEM;
  made->rows = source;
  *table = made;
  return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table) {
  delete static_cast<Table*>(table);
  return SQLITE_OK;
}

// There is one way to read: from the first row to the last.
int plan(sqlite3_vtab*, sqlite3_index_info*) { return SQLITE_OK; }

int open(sqlite3_vtab*, sqlite3_vtab_cursor** cursor) {
  auto* made = new (std::nothrow) Cursor{};
  if (made == nullptr) return SQLITE_NOMEM;
  *cursor = made;
  return SQLITE_OK;
}

int close(sqlite3_vtab_cursor* cursor) {
  delete static_cast<Cursor*>(cursor);
  return SQLITE_OK;
}

int rewind(sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value**) {
  auto* c = static_cast<Cursor*>(cursor);
  const CellRows& rows = *static_cast<const Table*>(cursor->pVtab)->rows;
  c->row = rows.begin();
  c->end = rows.end();
  c->columns = rows.columns();
  return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor) {
  auto* c = static_cast<Cursor*>(cursor);
  c->row += c->columns;
  return SQLITE_OK;
}

int at_end(sqlite3_vtab_cursor* cursor) {
  const auto* c = static_cast<const Cursor*>(cursor);
  return c->row == c->end ? 1 : 0;
}

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int index) {
  static_cast<const Cursor*>(cursor)->row[index].give_to(context);
  return SQLITE_OK;
}

// Never asked for: the rows have no identity.
int row_id(sqlite3_vtab_cursor*, sqlite3_int64* id) {
  *id = 0;
  return SQLITE_OK;
}

// No xCreate: the table is there by its name, and nothing about it goes into the file.
constexpr sqlite3_module make_module() {
  sqlite3_module module{};
  module.iVersion = 1;
  module.xConnect = connect;
  module.xBestIndex = plan;
  module.xDisconnect = disconnect;
  module.xOpen = open;
  module.xClose = close;
  module.xFilter = rewind;
  module.xNext = next;
  module.xEof = at_end;
  module.xColumn = column;
  module.xRowid = row_id;
  return module;
}
constexpr sqlite3_module kModule = make_module();

}  // namespace

CellRows::CellRows(const Database& database, std::string_view name, std::string_view columns,
                   std::size_t capacity)
    : database_(database.handle()),
      name_(name),
      declaration_(fmt::format("CREATE TABLE rows ({})", columns)),
      columns_(static_cast<std::size_t>(std::count(columns.begin(), columns.end(), ',')) + 1),
      cells_(columns_ * capacity) {
  // Without the module the statement that selects from it cannot be prepared, and says so.
  if (database_ != nullptr) sqlite3_create_module(database_, name_.c_str(), &kModule, this);
}

CellRows::~CellRows() {
  if (database_ != nullptr) sqlite3_create_module(database_, name_.c_str(), nullptr, nullptr);
}

}  // namespace elblab::trace
