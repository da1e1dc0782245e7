// As much of SQLite as a campaign file needs: a connection, statements, and errors that say which file.
#ifndef SQUALL_CLI_SQLITE_H
#define SQUALL_CLI_SQLITE_H

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace squall::cli {

class database {
public:
    enum class mode { create, read_write, read_only };

    // Throws error, as everything below does where SQLite reports one.
    database(const std::string& path, mode how);
    ~database();
    database(const database&) = delete;
    database& operator=(const database&) = delete;

    void execute(const std::string& sql);
    std::int64_t number(const std::string& sql);  // of a query with one value; 0 if it has no row
    [[noreturn]] void fail() const;

    sqlite3* handle() const { return handle_; }

private:
    std::string path_;
    sqlite3* handle_ = nullptr;
};

// A prepared statement. bind() starts from the first parameter again after each execute().
class statement {
public:
    statement() = default;
    statement(database& db, std::string_view sql);
    ~statement();
    statement(statement&&) noexcept;
    statement& operator=(statement&&) noexcept;

    statement& bind(std::int64_t value);
    statement& bind(std::uint64_t value) { return bind(static_cast<std::int64_t>(value)); }
    statement& bind(std::uint32_t value) { return bind(static_cast<std::int64_t>(value)); }
    statement& bind(int value) { return bind(static_cast<std::int64_t>(value)); }
    statement& bind(std::string_view text);
    statement& bind_null();
    statement& bind(const statement& row, int column);  // what that row has there
    void execute();

    // Next row; false at the end, after which the statement can be bound again.
    bool step();
    std::int64_t integer(int column) const;
    std::uint64_t natural(int column) const { return static_cast<std::uint64_t>(integer(column)); }
    std::string text(int column) const;
    bool is_null(int column) const;

private:
    database* db_ = nullptr;
    sqlite3_stmt* handle_ = nullptr;
    int next_ = 1;
};

}  // namespace squall::cli

#endif  // SQUALL_CLI_SQLITE_H
