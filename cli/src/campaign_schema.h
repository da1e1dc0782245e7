// The tables of a campaign file. A change here is a new campaign_schema_version and a line in
// docs/reference/campaign-file.md.
#ifndef SQUALL_CLI_CAMPAIGN_SCHEMA_H
#define SQUALL_CLI_CAMPAIGN_SCHEMA_H

namespace squall::cli {

inline constexpr const char* campaign_schema = R"sql(
CREATE TABLE campaign(
    only INTEGER PRIMARY KEY CHECK (only = 1),
    squall_version TEXT NOT NULL,
    command TEXT NOT NULL,
    profile TEXT NOT NULL,
    overrides TEXT NOT NULL,
    fault_changes TEXT NOT NULL,
    first_seed INTEGER NOT NULL,
    seed_count INTEGER,
    shard_index INTEGER NOT NULL,
    shard_count INTEGER NOT NULL,
    started_unix_ms INTEGER NOT NULL,
    wall_ms INTEGER NOT NULL DEFAULT 0,
    stopped TEXT,
    exit_code INTEGER);
CREATE TABLE simulation(
    id INTEGER PRIMARY KEY,
    test TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (test, name));
CREATE TABLE run(
    id INTEGER PRIMARY KEY,
    simulation INTEGER NOT NULL REFERENCES simulation,
    seed INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    message TEXT NOT NULL,
    process TEXT NOT NULL,
    place TEXT NOT NULL,
    virtual_ns INTEGER NOT NULL,
    events INTEGER NOT NULL,
    digest TEXT NOT NULL,
    wall_us INTEGER NOT NULL,
    faults TEXT NOT NULL,
    options TEXT,
    tail TEXT,
    output TEXT,
    checkpoints TEXT,
    UNIQUE (simulation, seed));
CREATE INDEX run_failing ON run(verdict) WHERE verdict <> 'passed';
CREATE TABLE recheck(
    simulation INTEGER NOT NULL REFERENCES simulation,
    seed INTEGER NOT NULL,
    same INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (simulation, seed)) WITHOUT ROWID;
CREATE TABLE fault(
    kind TEXT PRIMARY KEY,
    times INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE catalog(
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    rule TEXT NOT NULL,
    file TEXT NOT NULL,
    line INTEGER NOT NULL,
    function TEXT NOT NULL,
    detail TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE site(
    id TEXT PRIMARY KEY REFERENCES catalog,
    runs INTEGER NOT NULL,
    evaluated INTEGER NOT NULL,
    activated INTEGER NOT NULL,
    fired INTEGER NOT NULL,
    fired_runs INTEGER NOT NULL,
    first_simulation INTEGER,
    first_seed INTEGER) WITHOUT ROWID;
CREATE TABLE assertion(
    id TEXT PRIMARY KEY REFERENCES catalog,
    runs INTEGER NOT NULL,
    times_true INTEGER NOT NULL,
    times_false INTEGER NOT NULL,
    true_runs INTEGER NOT NULL,
    false_runs INTEGER NOT NULL,
    first_simulation INTEGER,
    first_seed INTEGER,
    first_false_simulation INTEGER,
    first_false_seed INTEGER) WITHOUT ROWID;
CREATE TABLE coverage(
    id TEXT PRIMARY KEY REFERENCES catalog,
    runs INTEGER NOT NULL,
    first_simulation INTEGER,
    first_seed INTEGER) WITHOUT ROWID;
CREATE TABLE combination(
    id TEXT NOT NULL REFERENCES catalog,
    vals TEXT NOT NULL,
    times INTEGER NOT NULL,
    runs INTEGER NOT NULL,
    first_simulation INTEGER NOT NULL,
    first_seed INTEGER NOT NULL,
    PRIMARY KEY (id, vals)) WITHOUT ROWID;
CREATE TABLE pruned(
    simulation INTEGER NOT NULL REFERENCES simulation,
    first_seed INTEGER NOT NULL,
    last_seed INTEGER NOT NULL,
    runs INTEGER NOT NULL,
    events INTEGER NOT NULL,
    virtual_ns INTEGER NOT NULL,
    wall_us INTEGER NOT NULL,
    PRIMARY KEY (simulation, first_seed)) WITHOUT ROWID;
CREATE VIEW failure AS
    SELECT printf('%u', run.seed) AS seed, test, name AS simulation, verdict, message, place, process, digest
    FROM run JOIN simulation ON simulation.id = run.simulation
    WHERE verdict <> 'passed' ORDER BY run.id;
)sql";

}  // namespace squall::cli

#endif  // SQUALL_CLI_CAMPAIGN_SCHEMA_H
