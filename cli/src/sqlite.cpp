// As much of SQLite as a campaign file needs.
#include "sqlite.h"

#include "error.h"
#include "text.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>

namespace squall::cli {

database::database(const std::string& path, mode how) : path_(path) {
    // Not SQLITE_OPEN_READONLY where nothing is to be written: the last connection to close takes the -wal
    // and -shm files away, which a read-only one cannot. SQLite itself falls back where the file is
    // protected.
    const int flags =
        how == mode::create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE;
    const int code = sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr);
    if (code != SQLITE_OK) {
        const std::string reason = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
        sqlite3_close(handle_);
        throw error(fmt::format("cannot open {}: {}", printable(path), reason));
    }
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_busy_timeout(handle_, 10'000);
    if (how == mode::read_only) {
        sqlite3_exec(handle_, "PRAGMA query_only = 1", nullptr, nullptr, nullptr);
    }
}

database::~database() {
    sqlite3_close_v2(handle_);
}

void database::fail() const {
    const int code = sqlite3_errcode(handle_) & 0xff;
    const bool no_room = code == SQLITE_FULL || code == SQLITE_IOERR;
    throw error(fmt::format(
        "campaign file {}: {}{}", printable(path_), sqlite3_errmsg(handle_),
        no_room ? " (no room left? What was committed is kept; squall run --resume goes on with it)" : ""));
}

void database::execute(const std::string& sql) {
    if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        fail();
    }
}

std::int64_t database::number(const std::string& sql) {
    statement query(*this, sql);
    return query.step() ? query.integer(0) : 0;
}

statement::statement(database& db, std::string_view sql) : db_(&db) {
    if (sqlite3_prepare_v3(db.handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                           &handle_, nullptr) != SQLITE_OK) {
        db.fail();
    }
}

statement::~statement() {
    sqlite3_finalize(handle_);
}

statement::statement(statement&& other) noexcept
    : db_(other.db_),
      handle_(std::exchange(other.handle_, nullptr)),
      next_(other.next_) {}

statement& statement::operator=(statement&& other) noexcept {
    std::swap(db_, other.db_);
    std::swap(handle_, other.handle_);
    std::swap(next_, other.next_);
    return *this;
}

statement& statement::bind(std::int64_t value) {
    if (sqlite3_bind_int64(handle_, next_++, value) != SQLITE_OK) {
        db_->fail();
    }
    return *this;
}

statement& statement::bind(std::string_view text) {
    const char* data = text.data() == nullptr ? "" : text.data();
    if (sqlite3_bind_text64(handle_, next_++, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8) !=
        SQLITE_OK) {
        db_->fail();
    }
    return *this;
}

statement& statement::bind_null() {
    if (sqlite3_bind_null(handle_, next_++) != SQLITE_OK) {
        db_->fail();
    }
    return *this;
}

statement& statement::bind(const statement& row, int column) {
    if (sqlite3_bind_value(handle_, next_++, sqlite3_column_value(row.handle_, column)) != SQLITE_OK) {
        db_->fail();
    }
    return *this;
}

bool statement::step() {
    const int code = sqlite3_step(handle_);
    if (code == SQLITE_ROW) {
        return true;
    }
    next_ = 1;
    if (code != SQLITE_DONE) {
        db_->fail();
    }
    sqlite3_reset(handle_);
    return false;
}

void statement::execute() {
    while (step()) {
    }
}

std::int64_t statement::integer(int column) const {
    return sqlite3_column_int64(handle_, column);
}

std::string statement::text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    return data == nullptr
               ? std::string()
               : std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column)));
}

bool statement::is_null(int column) const {
    return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

}  // namespace squall::cli
