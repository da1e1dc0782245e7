// Several campaign files, joined into a new one.
#include "campaign_merge.h"

#include "error.h"
#include "text.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace squall::cli {

namespace fs = std::filesystem;

namespace {

// All columns of a run but its number and its simulation.
constexpr const char* run_columns =
    "seed, verdict, message, process, place, virtual_ns, events, digest, wall_us, faults, options, tail, "
    "output, checkpoints";

int columns_in(std::string_view columns) {
    return static_cast<int>(std::count(columns.begin(), columns.end(), ',')) + 1;
}

// A statement that takes a simulation and these.
std::string insert_into(std::string_view table, std::string_view columns) {
    std::string text = fmt::format("INSERT INTO {}(simulation, {}) VALUES (?", table, columns);
    for (int i = 0; i < columns_in(columns); ++i) {
        text += ",?";
    }
    return text + ")";
}

std::vector<std::string> without_directory(std::vector<std::string> command) {
    if (!command.empty()) {
        command.front() = fs::path(command.front()).filename().string();
    }
    return command;
}

void must_be_the_same(const std::string& first, const campaign_info& a, const std::string& other,
                      const campaign_info& b) {
    const auto refuse = [&](std::string_view what, const std::string& one, const std::string& two) {
        const auto shown = [](const std::string& text) { return text.empty() ? "none" : printable(text); };
        throw error(fmt::format("{} and {} are no parts of one campaign: the {} is {} and {}",
                                printable(first), printable(other), what, shown(one), shown(two)));
    };
    if (without_directory(a.command) != without_directory(b.command)) {
        refuse("command", command_line(a.command), command_line(b.command));
    }
    if (a.profile != b.profile) {
        refuse("profile", a.profile, b.profile);
    }
    if (a.overrides != b.overrides) {
        refuse("text of the overrides", a.overrides, b.overrides);
    }
    if (a.fault_changes != b.fault_changes) {
        refuse("text of the fault changes", a.fault_changes, b.fault_changes);
    }
}

struct part {
    std::unique_ptr<campaign_file> file;
    campaign_info info;
    std::vector<std::uint32_t> simulation;  // its number in the new file, by that in this one
};

// The seeds that all parts together were to run: from the first to the last of any, if each has a last.
void join_ranges(const std::vector<part>& parts, campaign_info& joined) {
    std::uint64_t last = 0;
    bool open = false;
    joined.first_seed = std::numeric_limits<std::uint64_t>::max();
    for (const part& one : parts) {
        joined.first_seed = std::min(joined.first_seed, one.info.first_seed);
        open = open || !one.info.seed_count;
        if (one.info.seed_count && *one.info.seed_count > 0) {
            last = std::max(last, one.info.first_seed + (*one.info.seed_count - 1));
        }
    }
    joined.seed_count =
        open || last < joined.first_seed ? std::nullopt : std::optional(last - joined.first_seed + 1);
    joined.shard_index = 0;
    joined.shard_count = 1;
}

// Shards that nobody gave, if these are shards.
std::optional<std::string> missing_shards(const std::vector<part>& parts) {
    const std::uint64_t count = parts.front().info.shard_count;
    std::set<std::uint64_t> have;
    for (const part& one : parts) {
        if (one.info.shard_count != count) {
            return std::nullopt;
        }
        have.insert(one.info.shard_index);
    }
    std::string missing;
    std::uint64_t shown = 0;
    for (std::uint64_t index = 0; index < count && have.size() < count; ++index) {
        if (!have.contains(index) && ++shown <= 8) {
            missing += fmt::format("{}{}/{}", missing.empty() ? "" : ", ", index + 1, count);
        }
    }
    if (missing.empty()) {
        return std::nullopt;
    }
    return fmt::format("{} missing: {}{}", counted(count - have.size(), "shard is", "shards are"), missing,
                       shown > 8 ? ", ..." : "");
}

}  // namespace

class campaign_merger {
public:
    campaign_merger(std::vector<part> parts, campaign_file& out) : parts_(std::move(parts)), out_(out) {}

    merge_report join() {
        number_simulations();
        copy_runs();
        for (const part& one : parts_) {
            add_counts(one);
            copy_table(one, "recheck", "seed, same, verdict, digest");
            copy_table(one, "pruned", "first_seed, last_seed, runs, events, virtual_ns, wall_us");
        }
        add_failures();
        sum_up();
        out_.commit(report_.counts);
        finish();
        return std::move(report_);
    }

private:
    void number_simulations() {
        for (part& one : parts_) {
            for (const simulation_name& simulation : one.file->simulations()) {
                one.simulation.push_back(out_.add_simulation(simulation));
            }
        }
        report_.simulations = out_.simulations();
        refuse_common_pruned_seeds();
    }

    // Rows tell by their key; runs that were pruned have none.
    void refuse_common_pruned_seeds() {
        if (std::none_of(parts_.begin(), parts_.end(), [](const part& one) {
                return one.file->db_->number("SELECT count(*) FROM pruned") > 0;
            })) {
            return;
        }
        std::vector<std::unordered_set<std::uint64_t>> done(report_.simulations.size());
        for (const part& one : parts_) {
            const auto seeds = one.file->seeds_done(one.simulation.size());
            for (std::size_t i = 0; i < seeds.size(); ++i) {
                for (const std::uint64_t seed : seeds[i]) {
                    if (!done[one.simulation[i]].insert(seed).second) {
                        refuse_twice(one.simulation[i], seed);
                    }
                }
            }
        }
    }

    [[noreturn]] void refuse_twice(std::uint32_t simulation, std::uint64_t seed) const {
        throw error(fmt::format(
            "seed {} of {} is in two of the files: only shards of one campaign, or campaigns over "
            "different seeds, can be merged",
            seed, printable(report_.simulations[simulation].test)));
    }

    // The runs of one simulation in one file, by seed.
    struct cursor {
        std::uint32_t simulation;
        statement rows;
    };

    void copy_runs() {
        std::vector<cursor> cursors;
        for (const part& one : parts_) {
            for (std::size_t i = 0; i < one.simulation.size(); ++i) {
                cursor next{one.simulation[i],
                            statement(*one.file->db_,
                                      fmt::format("SELECT {} FROM run WHERE simulation = ? ORDER BY seed",
                                                  run_columns))};
                next.rows.bind(static_cast<std::uint64_t>(i));
                if (next.rows.step()) {
                    cursors.push_back(std::move(next));
                }
            }
        }
        statement insert(*out_.db_, insert_into("run", run_columns));
        // As a heap of a file and simulation each; its top is the run with the least seed.
        const auto later = [](const cursor& a, const cursor& b) {
            return std::pair(a.rows.integer(0), a.simulation) > std::pair(b.rows.integer(0), b.simulation);
        };
        std::make_heap(cursors.begin(), cursors.end(), later);
        std::optional<std::pair<std::int64_t, std::uint32_t>> last;
        out_.begin();
        while (!cursors.empty()) {
            std::pop_heap(cursors.begin(), cursors.end(), later);
            cursor& next = cursors.back();
            const std::pair here(next.rows.integer(0), next.simulation);
            if (here == last) {
                refuse_twice(next.simulation, next.rows.natural(0));
            }
            last = here;
            insert.bind(next.simulation);
            for (int column = 0; column < columns_in(run_columns); ++column) {
                insert.bind(next.rows, column);
            }
            insert.execute();
            if (next.rows.step()) {
                std::push_heap(cursors.begin(), cursors.end(), later);
            } else {
                cursors.pop_back();
            }
        }
    }

    void copy_table(const part& one, const char* table, const char* columns) {
        statement rows(*one.file->db_, fmt::format("SELECT simulation, {} FROM {}", columns, table));
        const int count = columns_in(columns);
        statement insert(*out_.db_, insert_into(table, columns));
        while (rows.step()) {
            const std::uint64_t simulation = rows.natural(0);
            if (simulation >= one.simulation.size()) {
                continue;
            }
            insert.bind(one.simulation[simulation]);
            for (int column = 1; column <= count; ++column) {
                insert.bind(rows, column);
            }
            insert.execute();
        }
    }

    void add_counts(const part& one) {
        for (place& p : one.file->places()) {
            const auto number = [&](std::optional<run_name>& run) {
                if (run && run->simulation < one.simulation.size()) {
                    run->simulation = one.simulation[run->simulation];
                }
            };
            number(p.first);
            number(p.first_false);
            for (auto& [values, seen] : p.each) {
                seen.first.simulation =
                    one.simulation[std::min<std::size_t>(seen.first.simulation, one.simulation.size() - 1)];
            }
            report_.counts.merge_place(p);
        }
        statement faults(*one.file->db_, "SELECT kind, times FROM fault");
        while (faults.step()) {
            faults_[faults.text(0)] += faults.natural(1);
        }
    }

    void add_failures() {
        // The new file knows them in its order.
        out_.restore_failures(report_.counts);
    }

    void sum_up() { out_.restore_totals(report_.counts, std::move(faults_)); }

    void finish() {
        std::int64_t wall_ms = 0;
        bool interrupted = false;
        bool unmet = false;
        for (const part& one : parts_) {
            statement row(*one.file->db_, "SELECT wall_ms, exit_code FROM campaign");
            row.step();
            wall_ms += row.integer(0);
            interrupted = interrupted || row.is_null(1) || row.integer(1) == exit_code::interrupted;
            unmet = unmet || row.integer(1) == exit_code::unmet;
            if (row.is_null(1)) {
                report_.notes.push_back(
                    fmt::format("{} was not brought to its end (squall run --resume goes on with it)",
                                printable(one.file->path())));
            }
        }
        if (const auto missing = missing_shards(parts_)) {
            report_.notes.push_back(*missing);
        }
        const tally& counts = report_.counts;
        report_.rechecks = static_cast<std::uint64_t>(out_.db_->number("SELECT count(*) FROM recheck"));
        report_.exit_code = interrupted                             ? exit_code::interrupted
                            : counts.nondeterministic() > 0         ? exit_code::nondeterminism
                            : counts.failures() > 0                 ? exit_code::failed
                            : unmet && counts.must_reach_open() > 0 ? exit_code::unmet
                                                                    : exit_code::passed;
        out_.finish("merged", report_.exit_code, wall_ms);
    }

    std::vector<part> parts_;
    campaign_file& out_;
    merge_report report_;
    std::map<std::string, std::uint64_t> faults_;
};

merge_report merge_campaigns(const std::vector<std::string>& files, const std::string& out,
                             if_campaign_exists how) {
    std::vector<part> parts;
    for (const std::string& path : files) {
        std::error_code code;
        if (!fs::exists(path, code)) {
            throw error(fmt::format("there is no campaign file {}", printable(path)));
        }
        if (fs::equivalent(path, out, code)) {
            throw error(
                fmt::format("{} is one of the files to merge (--out FILE names another)", printable(out)));
        }
        part next;
        next.file = campaign_file::read(path);
        next.info = next.file->info();
        if (!parts.empty()) {
            must_be_the_same(files.front(), parts.front().info, path, next.info);
        }
        parts.push_back(std::move(next));
    }
    campaign_info joined = parts.front().info;
    join_ranges(parts, joined);
    campaign_file::check_path(out, how);
    // Beside it, so that a merge that fails neither leaves half a file nor takes away what was there.
    const std::string draft = fmt::format("{}.merging-{}", out, getpid());
    campaign_file::remove(draft);
    try {
        merge_report report;
        {
            const auto file = campaign_file::create(draft, joined, if_campaign_exists::fail);
            report = campaign_merger(std::move(parts), *file).join();
        }
        campaign_file::take_place_of(draft, out, how);
        return report;
    } catch (...) {
        campaign_file::remove(draft);
        throw;
    }
}

}  // namespace squall::cli
