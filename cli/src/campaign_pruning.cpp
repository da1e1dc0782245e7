// The campaign file made smaller.
#include "campaign_file.h"
#include "error.h"
#include "text.h"

#include <fmt/format.h>

#include <utility>

namespace squall::cli {

campaign_file::prune_report campaign_file::prune(const std::string& path, const prune_request& what) {
    check_path(path, if_campaign_exists::resume);
    campaign_file file(path, database::mode::read_write);
    prune_report report;
    file.begin();
    for (const verdict v : what.again) {
        statement remove(*file.db_, "DELETE FROM run WHERE verdict = ?");
        remove.bind(name(v));
        remove.execute();
        report.again += static_cast<std::uint64_t>(file.db_->number("SELECT changes()"));
    }
    if (what.passing) {
        report.passing = file.prune_passing();
    }
    if (what.details) {
        report.details = file.prune_details(*what.details);
    }
    file.db_->execute("COMMIT");
    file.writing_ = false;
    file.db_->execute("VACUUM");
    return report;
}

// Of each stretch of seeds without a gap, one row with the sums.
std::uint64_t campaign_file::prune_passing() {
    struct stretch {
        std::uint64_t simulation, first, last, runs;
        std::int64_t events, virtual_ns, wall_us;
    };
    const std::uint64_t apart = info().shard_count;
    statement passing(
        *db_,
        "SELECT simulation, seed, events, virtual_ns, wall_us FROM run WHERE verdict = 'passed' "
        "ORDER BY simulation, seed");
    statement insert(*db_, "INSERT INTO pruned VALUES (?,?,?,?,?,?,?)");
    std::optional<stretch> open;
    const auto close = [&] {
        if (open) {
            insert.bind(open->simulation).bind(open->first).bind(open->last).bind(open->runs);
            insert.bind(open->events).bind(open->virtual_ns).bind(open->wall_us);
            insert.execute();
        }
    };
    while (passing.step()) {
        const std::uint64_t simulation = passing.natural(0);
        const std::uint64_t seed = passing.natural(1);
        if (!open || open->simulation != simulation || seed != open->last + apart) {
            close();
            open = stretch{simulation, seed, seed, 0, 0, 0, 0};
        }
        open->last = seed;
        ++open->runs;
        open->events += passing.integer(2);
        open->virtual_ns += passing.integer(3);
        open->wall_us += passing.integer(4);
    }
    close();
    db_->execute("DELETE FROM run WHERE verdict = 'passed'");
    return static_cast<std::uint64_t>(db_->number("SELECT changes()"));
}

std::uint64_t campaign_file::prune_details(std::uint64_t kept) {
    statement update(
        *db_,
        "UPDATE run SET options = NULL, tail = NULL, output = NULL, checkpoints = NULL WHERE id IN "
        "(SELECT id FROM (SELECT id, row_number() OVER "
        "(PARTITION BY simulation, verdict, message, place ORDER BY id) AS nth "
        "FROM run WHERE verdict <> 'passed') WHERE nth > ?) "
        "AND (options IS NOT NULL OR tail IS NOT NULL OR output IS NOT NULL)");
    update.bind(kept);
    update.execute();
    return static_cast<std::uint64_t>(db_->number("SELECT changes()"));
}

}  // namespace squall::cli
