// The campaign file: making it, opening it, writing to it. Reading it back is in campaign_reading.cpp.
#include "campaign_file.h"

#include "campaign_schema.h"
#include "error.h"
#include "text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace squall::cli {

namespace fs = std::filesystem;
using plain_json = nlohmann::json;

namespace {

std::string dump(const plain_json& value) {
    return value.dump(-1, ' ', false, plain_json::error_handler_t::replace);
}

void bind_run(statement& to, const std::optional<run_name>& run) {
    if (run) {
        to.bind(run->simulation).bind(run->seed);
    } else {
        to.bind_null().bind_null();
    }
}

}  // namespace

void campaign_file::remove(const std::string& path) {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
        std::error_code ignored;
        fs::remove(path + suffix, ignored);
    }
}

bool campaign_file::looks_like_one(const std::string& path) {
    char head[16] = {};
    std::ifstream file(path, std::ios::binary);
    return file.read(head, sizeof head) && std::memcmp(head, "SQLite format 3", sizeof head) == 0;
}

void campaign_file::check_path(const std::string& path, if_campaign_exists how) {
    std::error_code code;
    const fs::file_status status = fs::status(path, code);
    const std::string shown = printable(path);
    if (fs::exists(status)) {
        if (how == if_campaign_exists::fail) {
            throw error(
                fmt::format("{} exists already (--resume to go on with it, --overwrite to replace it, or "
                            "--campaign FILE for another)",
                            shown));
        }
        if (!fs::is_regular_file(status) || !looks_like_one(path)) {
            throw error(fmt::format(
                "{} is not a campaign file, and is left alone (--campaign FILE names another)", shown));
        }
        if (access(path.c_str(), W_OK) != 0) {
            throw error(fmt::format("cannot write the campaign file {}: {}", shown, std::strerror(errno)));
        }
        read(path);  // throws if it is somebody else's database
    } else if (how == if_campaign_exists::resume) {
        throw error(fmt::format("there is no campaign file {} to resume", shown));
    }
    fs::path directory = fs::path(path).parent_path();
    directory = directory.empty() ? fs::path(".") : directory;
    if (!fs::is_directory(directory, code)) {
        throw error(fmt::format("cannot write the campaign file {}: there is no directory {}", shown,
                                printable(directory.string())));
    }
    if (access(directory.c_str(), W_OK | X_OK) != 0) {
        throw error(fmt::format(
            "cannot write the campaign file {}: the directory {}: {} (--campaign FILE names another)", shown,
            printable(directory.string()), std::strerror(errno)));
    }
}

campaign_file::campaign_file(std::string path, database::mode how) : path_(std::move(path)) {
    if (how != database::mode::read_only) {
        lock();
    }
    db_ = std::make_unique<database>(path_, how);
    if (db_->number("PRAGMA application_id") != campaign_application_id) {
        throw error(
            fmt::format("{} is an SQLite database, but not a campaign file of squall", printable(path_)));
    }
    const std::int64_t version = db_->number("PRAGMA user_version");
    if (version != campaign_schema_version) {
        throw error(fmt::format("the campaign file {} has schema version {}; this squall reads version {}",
                                printable(path_), version, campaign_schema_version));
    }
    if (how == database::mode::read_only) {
        return;
    }
    // In WAL mode NORMAL survives a crash of squall with everything, and one of the machine with all but the
    // last commits.
    db_->execute("PRAGMA synchronous = NORMAL");
    add_run_ =
        statement(*db_,
                  "INSERT INTO run(simulation, seed, verdict, message, process, place, virtual_ns, events, "
                  "digest, wall_us, faults, options, tail, output, checkpoints) "
                  "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    add_recheck_ = statement(
        *db_, "INSERT OR REPLACE INTO recheck(simulation, seed, same, verdict, digest) VALUES (?,?,?,?,?)");
}

campaign_file::~campaign_file() {
    add_run_ = {};
    add_recheck_ = {};
    db_.reset();
}

void campaign_file::lock() {
    lock_ = unique_fd(open(path_.c_str(), O_RDWR | O_CLOEXEC));
    if (lock_ && flock(lock_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        throw error(
            fmt::format("another squall is writing to {} (--campaign FILE names another)", printable(path_)));
    }
}

void campaign_file::take_place_of(const std::string& draft, const std::string& path, if_campaign_exists how) {
    std::error_code code;
    if (how == if_campaign_exists::overwrite && fs::exists(path, code)) {
        {
            const campaign_file old(path,
                                    database::mode::read_write);  // not while another squall writes to it
        }
        remove(path);
    }
    // link() and not rename(): a file that came to be there meanwhile is somebody's.
    const bool linked = link(draft.c_str(), path.c_str()) == 0;
    const int problem = errno;
    const bool renamed = !linked && problem != EEXIST && std::rename(draft.c_str(), path.c_str()) == 0;
    remove(draft);
    if (!linked && !renamed) {
        throw error(
            fmt::format("cannot write the campaign file {}: {}", printable(path), std::strerror(problem)));
    }
}

std::unique_ptr<campaign_file> campaign_file::create(const std::string& path, const campaign_info& info,
                                                     if_campaign_exists how) {
    check_path(path, how);
    const std::string draft = fmt::format("{}.new-{}", path, getpid());
    remove(draft);
    try {
        database db(draft, database::mode::create);
        db.execute("PRAGMA journal_mode = WAL");
        db.execute("BEGIN");
        db.execute(campaign_schema);
        db.execute(fmt::format("PRAGMA application_id = {}", campaign_application_id));
        db.execute(fmt::format("PRAGMA user_version = {}", campaign_schema_version));
        statement row(
            db,
            "INSERT INTO campaign(only, squall_version, command, profile, overrides, fault_changes, "
            "first_seed, seed_count, shard_index, shard_count, started_unix_ms) VALUES "
            "(1,?,?,?,?,?,?,?,?,?,?)");
        row.bind(std::string_view(SQUALL_VERSION))
            .bind(std::string_view(dump(info.command)))
            .bind(std::string_view(info.profile))
            .bind(std::string_view(info.overrides))
            .bind(std::string_view(info.fault_changes));
        row.bind(info.first_seed);
        if (info.seed_count) {
            row.bind(*info.seed_count);
        } else {
            row.bind_null();
        }
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        row.bind(info.shard_index).bind(info.shard_count);
        row.bind(
            static_cast<std::int64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()));
        row.execute();
        db.execute("COMMIT");
    } catch (...) {
        remove(draft);
        throw;
    }
    take_place_of(draft, path, how);
    return std::unique_ptr<campaign_file>(new campaign_file(path, database::mode::read_write));
}

std::unique_ptr<campaign_file> campaign_file::resume(const std::string& path, const campaign_info& info) {
    check_path(path, if_campaign_exists::resume);
    std::unique_ptr<campaign_file> file(new campaign_file(path, database::mode::read_write));
    const campaign_info had = file->info();
    const auto refuse = [&](std::string_view what, const std::string& before, const std::string& now) {
        throw error(fmt::format("{} is a campaign with {} {}, not {} (start another with --campaign FILE)",
                                printable(path), what, printable(before), printable(now)));
    };
    if (had.command != info.command) {
        refuse("the command", command_line(had.command), command_line(info.command));
    }
    if (had.profile != info.profile) {
        refuse("the profile", had.profile, info.profile);
    }
    const auto or_none = [](const std::string& text) { return text.empty() ? "none" : text; };
    if (had.overrides != info.overrides) {
        refuse("the overrides", or_none(had.overrides), or_none(info.overrides));
    }
    if (had.fault_changes != info.fault_changes) {
        refuse("the fault changes", or_none(had.fault_changes), or_none(info.fault_changes));
    }
    if (had.shard_index != info.shard_index || had.shard_count != info.shard_count) {
        refuse("shard", fmt::format("{}/{}", had.shard_index + 1, had.shard_count),
               fmt::format("{}/{}", info.shard_index + 1, info.shard_count));
    }
    return file;
}

std::unique_ptr<campaign_file> campaign_file::read(const std::string& path) {
    return std::unique_ptr<campaign_file>(new campaign_file(path, database::mode::read_only));
}

void campaign_file::begin() {
    if (!writing_) {
        db_->execute("BEGIN IMMEDIATE");
        writing_ = true;
    }
}

std::uint32_t campaign_file::add_simulation(const simulation_name& simulation) {
    begin();
    statement insert(
        *db_,
        "INSERT OR IGNORE INTO simulation(id, test, name) VALUES ((SELECT count(*) FROM simulation),?,?)");
    insert.bind(std::string_view(simulation.test)).bind(std::string_view(simulation.simulation));
    insert.execute();
    statement query(*db_, "SELECT id FROM simulation WHERE test = ? AND name = ?");
    query.bind(std::string_view(simulation.test)).bind(std::string_view(simulation.simulation));
    query.step();
    return static_cast<std::uint32_t>(query.integer(0));
}

void campaign_file::add_run(std::uint32_t simulation, const run_result& result) {
    begin();
    const auto text = [](const std::string& value) { return std::string_view(value); };
    add_run_.bind(simulation).bind(result.seed).bind(name(result.verdict));
    add_run_.bind(text(result.message)).bind(text(result.process)).bind(text(result.place));
    add_run_.bind(result.virtual_ns).bind(result.events).bind(text(result.digest)).bind(result.wall_us);
    add_run_.bind(text(dump(result.faults)));
    if (result.verdict == verdict::passed) {
        // They follow from the seed; a million passing runs need not carry them.
        add_run_.bind_null().bind_null().bind_null().bind_null();
    } else {
        add_run_.bind(text(result.options)).bind(text(dump(result.tail)));
        if (result.output.empty()) {
            add_run_.bind_null();
        } else {
            add_run_.bind(text(result.output));
        }
        add_run_.bind(text(dump(result.checkpoints)));
    }
    add_run_.execute();
}

void campaign_file::add_recheck(std::uint32_t simulation, const run_result& first, const run_result& again,
                                bool same) {
    begin();
    add_recheck_.bind(simulation).bind(first.seed).bind(same ? 1 : 0).bind(name(again.verdict));
    add_recheck_.bind(std::string_view(again.digest));
    add_recheck_.execute();
    if (!same) {
        statement update(*db_,
                         "UPDATE run SET verdict = 'nondeterminism', message = ? "
                         "WHERE simulation = ? AND seed = ? AND verdict = 'passed'");
        update.bind(std::string_view(again.message)).bind(simulation).bind(first.seed);
        update.execute();
    }
}

void campaign_file::write_places(tally& counts) {
    statement catalog(
        *db_,
        "INSERT OR IGNORE INTO catalog(id, kind, rule, file, line, function, detail) VALUES (?,?,?,?,?,?,?)");
    statement site(*db_, "INSERT OR REPLACE INTO site VALUES (?,?,?,?,?,?,?,?)");
    statement assertion(*db_, "INSERT OR REPLACE INTO assertion VALUES (?,?,?,?,?,?,?,?,?,?)");
    statement coverage(*db_, "INSERT OR REPLACE INTO coverage VALUES (?,?,?,?)");
    statement each(*db_, "INSERT OR REPLACE INTO combination VALUES (?,?,?,?,?,?)");
    for (place& p : counts.places()) {
        if (!p.changed) {
            continue;
        }
        p.changed = false;
        const catalog_record& what = p.what;
        const std::string_view id = what.id;
        catalog.bind(id)
            .bind(std::string_view(what.kind))
            .bind(std::string_view(what.rule))
            .bind(std::string_view(what.file));
        catalog.bind(what.line).bind(std::string_view(what.function)).bind(std::string_view(what.detail));
        catalog.execute();
        switch (classify(what.kind)) {
            case place_class::site:
                site.bind(id)
                    .bind(p.runs)
                    .bind(p.evaluated)
                    .bind(p.activated)
                    .bind(p.fired)
                    .bind(p.fired_runs);
                bind_run(site, p.first);
                site.execute();
                break;
            case place_class::assertion:
                assertion.bind(id)
                    .bind(p.runs)
                    .bind(p.times_true)
                    .bind(p.times_false)
                    .bind(p.true_runs)
                    .bind(p.false_runs);
                bind_run(assertion, p.first);
                bind_run(assertion, p.first_false);
                assertion.execute();
                for (const auto& [values, seen] : p.each) {
                    each.bind(id).bind(std::string_view(values)).bind(seen.times).bind(seen.runs);
                    bind_run(each, seen.first);
                    each.execute();
                }
                break;
            case place_class::coverage:
                coverage.bind(id).bind(p.runs);
                bind_run(coverage, p.first);
                coverage.execute();
                break;
        }
    }
}

void campaign_file::commit(tally& counts) {
    begin();
    write_places(counts);
    statement fault(*db_, "INSERT OR REPLACE INTO fault(kind, times) VALUES (?,?)");
    for (const auto& [kind, times] : counts.faults()) {
        fault.bind(std::string_view(kind)).bind(times);
        fault.execute();
    }
    db_->execute("COMMIT");
    writing_ = false;
}

void campaign_file::finish(const std::string& stopped, int exit_code, std::int64_t wall_ms) {
    begin();
    statement update(*db_, "UPDATE campaign SET stopped = ?, exit_code = ?, wall_ms = wall_ms + ?");
    update.bind(std::string_view(stopped)).bind(exit_code).bind(wall_ms);
    update.execute();
    db_->execute("COMMIT");
    writing_ = false;
}

}  // namespace squall::cli
