// The campaign file: one SQLite database with every run of a campaign and what its sites and assertions did.
// docs/reference/campaign-file.md documents the schema.
#ifndef SQUALL_CLI_CAMPAIGN_FILE_H
#define SQUALL_CLI_CAMPAIGN_FILE_H

#include "protocol.h"
#include "sqlite.h"
#include "tally.h"
#include "worker_process.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace squall::cli {

inline constexpr int campaign_schema_version = 4;
inline constexpr std::int64_t campaign_application_id = 0x53514c4c;  // "SQLL"

struct campaign_info {
    std::vector<std::string> command;
    std::string profile;
    std::string overrides;      // canonical text; empty: none
    std::string fault_changes;  // plain text (faults_option.h); empty: none
    std::uint64_t first_seed = 1;
    std::optional<std::uint64_t> seed_count;
    std::uint64_t shard_index = 0;  // from 0
    std::uint64_t shard_count = 1;
};

// A run as stored, for replay.
struct stored_run {
    simulation_name simulation;
    run_result result;
};

enum class if_campaign_exists { fail, overwrite, resume };

class campaign_file {
public:
    // Throws error where the path cannot become a campaign file in that way: it exists, is no campaign file,
    // or its directory is missing or not writable. Changes nothing.
    static void check_path(const std::string& path, if_campaign_exists how);

    // Makes the file beside `path` and gives it that name once its schema is complete.
    static std::unique_ptr<campaign_file> create(const std::string& path, const campaign_info& info,
                                                 if_campaign_exists how);

    // Opens an existing one to go on with; throws error where `info` is not of the same campaign.
    static std::unique_ptr<campaign_file> resume(const std::string& path, const campaign_info& info);

    static std::unique_ptr<campaign_file> read(const std::string& path);

    // Removes a file and what SQLite keeps beside it; one that is not there is no error.
    static void remove(const std::string& path);

    // Gives a complete, closed file its name; the draft's goes away in any case. Throws error.
    static void take_place_of(const std::string& draft, const std::string& path, if_campaign_exists how);

    // Whether the file begins as an SQLite database does.
    static bool looks_like_one(const std::string& path);

    ~campaign_file();

    // The row number of the simulation, which is made if it is new. Numbers count from 0 in the order of
    // first use.
    std::uint32_t add_simulation(const simulation_name& simulation);

    // Within a transaction that commit() ends.
    void add_run(std::uint32_t simulation, const run_result& result);
    void add_recheck(std::uint32_t simulation, const run_result& first, const run_result& again, bool same);

    // Brings the counts up to the tally's and makes everything so far durable against a crash of squall.
    void commit(tally& counts);

    void finish(const std::string& stopped, int exit_code, std::int64_t wall_ms);

    campaign_info info();
    std::vector<simulation_name> simulations();
    std::vector<place> places();
    std::vector<std::unordered_set<std::uint64_t>> seeds_done(std::size_t simulations);
    void restore(tally& counts);

    // As above, in parts: number of runs and the like, with these faults; failing runs.
    void restore_totals(tally& counts, std::map<std::string, std::uint64_t> faults);
    void restore_failures(tally& counts);

    // What pruning takes away. Throws error, and changes nothing then.
    struct prune_request {
        bool passing = false;                  // rows of passing runs: their sums stay
        std::optional<std::uint64_t> details;  // of each cause, all but those of so many runs
        std::vector<verdict> again;            // rows with these verdicts, which --resume then runs again
    };
    struct prune_report {
        std::uint64_t passing = 0;
        std::uint64_t details = 0;
        std::uint64_t again = 0;
    };
    static prune_report prune(const std::string& path, const prune_request& what);

    // Runs of that seed, in the order of simulations.
    std::vector<stored_run> runs_of(std::uint64_t seed);

    const std::string& path() const { return path_; }

private:
    friend class campaign_merger;
    campaign_file(std::string path, database::mode how);
    void begin();
    void write_places(tally& counts);
    std::uint64_t prune_passing();
    std::uint64_t prune_details(std::uint64_t kept);
    void lock();

    std::string path_;
    unique_fd
        lock_;  // closes after the database: closing any descriptor of the file drops SQLite's own locks
    std::unique_ptr<database> db_;
    statement add_run_;
    statement add_recheck_;
    bool writing_ = false;
};

}  // namespace squall::cli

#endif  // SQUALL_CLI_CAMPAIGN_FILE_H
