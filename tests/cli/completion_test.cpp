// Completions and the manual page: they come out of the options that there are, and a shell takes them.
#include "command.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace squall::cli::test {
namespace {

class Completion : public in_directory {};

std::string shell(const std::string& command) {
    const std::string line = command + " > shell.txt 2>&1";
    const int status = std::system(line.c_str());
    std::ostringstream text;
    text << std::ifstream("shell.txt").rdbuf();
    return text.str() + (status == 0 ? "" : "[failed]");
}

// What bash would offer after these words, sorted, one a line.
std::string offered(const std::string& words) {
    std::ofstream script("complete.sh");
    script << "source squall.bash\nCOMP_WORDS=(" << words << ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
           << "compopt() { :; }\n_squall\nprintf '%s\\n' \"${COMPREPLY[@]}\" | sort\n";
    script.close();
    return shell("bash --norc --noprofile -u complete.sh");
}

TEST_F(Completion, BashOffersVerbsOptionsAndFiles) {
    std::ofstream("squall.bash") << squall_command({"completion", "bash"}).out;
    std::ofstream("nightly.db") << "";
    EXPECT_EQ(offered("squall rep"), "replay\nreport\n");
    EXPECT_NE(offered("squall ''").find("minimize\n"), std::string::npos);
    EXPECT_EQ(offered("squall run --check"), "--check-determinism\n");
    EXPECT_EQ(offered("squall run --profile h"), "hostile\n");
    EXPECT_EQ(offered("squall run --profile = h"), "hostile\n");  // as --profile=h comes
    EXPECT_EQ(offered("squall run --campaign ni"), "nightly.db\n");
    EXPECT_EQ(offered("squall run --seeds ''"), "\n");
    EXPECT_EQ(offered("squall run --keep-going -- ni"), "nightly.db\n");
    EXPECT_EQ(offered("squall sites ni"), "nightly.db\n");
}

bool is_here(const std::string& program) {
    return std::system(("command -v " + program + " > here.txt").c_str()) == 0;
}

// What a shell offers after a line, one a line, sorted; of `squall run --profile=h` it says `of_equals`.
void expect_offers(const std::function<std::string(const std::string&)>& offered_after,
                   const std::string& of_equals) {
    std::ofstream("nightly.db") << "";
    const std::vector<std::pair<std::string, std::string>> offers = {
        {"squall rep", "replay\nreport\n"},
        {"squall --ver", "--version\n"},
        {"squall run --check", "--check-determinism\n"},
        {"squall run --unreach", ""},  // of another verb
        {"squall run --profile h", "hostile\n"},
        {"squall run --profile=h", of_equals},
        {"squall run --campaign ni", "nightly.db\n"},
        {"squall run --seeds ", ""},
        {"squall run --keep-going -- ni", "nightly.db\n"},
        {"squall sites ni", "nightly.db\n"}};
    for (const auto& [line, words] : offers) {
        EXPECT_EQ(offered_after(line), words) << line;
    }
    EXPECT_NE(offered_after("squall ").find("minimize\n"), std::string::npos);
}

// What fish offers after this line, one a line, without the descriptions.
std::string offered_by_fish(const std::string& line) {
    return shell("HOME=$PWD fish --no-config -c \"source squall.fish; complete -C '" + line +
                 "'\" | cut -f 1 | sort");
}

// What zsh offers after this line when somebody at a terminal presses the tabulator, one a line: compadd is
// what all completion comes to, and tells here what it was given.
std::string offered_by_zsh(const std::string& line) {
    std::filesystem::remove("offered.txt");
    std::filesystem::remove("ready.txt");
    std::filesystem::remove("done.txt");
    std::ofstream("ask.zsh") << R"sh(
zmodload zsh/zpty
zpty asked "TERM=dumb zsh -f -i"
zpty -w asked 'PS1= PS2= RPS1=; fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D'
zpty -w asked 'compadd() { local -a found; builtin compadd -O found "$@"; print -rl -- $found >> offered.txt; builtin compadd "$@" }'
zpty -w asked 'told() { print > done.txt }; tell() { comppostfuncs=(told); zle complete-word }; zle -N tell; bindkey "^I" tell; print > ready.txt'
for i in {1..600}; do [[ -e ready.txt ]] || sleep 0.1; done
zpty -w -n asked "$1"$'\t'
for i in {1..600}; do [[ -e done.txt ]] || sleep 0.1; done
zpty -d asked
sort -u offered.txt | sed /^$/d
)sh";
    return shell("HOME=$PWD zsh -f ask.zsh '" + line + "' < /dev/null");
}

TEST_F(Completion, FishOffersVerbsOptionsAndFiles) {
    if (!is_here("fish")) {
        GTEST_SKIP() << "no fish here (apt install fish)";
    }
    std::ofstream("squall.fish") << squall_command({"completion", "fish"}).out;
    expect_offers(offered_by_fish, "--profile=hostile\n");
}

TEST_F(Completion, ZshOffersVerbsOptionsAndFiles) {
    if (!is_here("zsh")) {
        GTEST_SKIP() << "no zsh here (apt install zsh)";
    }
    std::ofstream("_squall") << squall_command({"completion", "zsh"}).out;
    expect_offers(offered_by_zsh, "hostile\n");
}

// Each option that --help of a verb tells is in each script.
TEST_F(Completion, EveryOptionIsInEveryScript) {
    const std::string bash = squall_command({"completion", "bash"}).out;
    const std::string zsh = squall_command({"completion", "zsh"}).out;
    const std::string fish = squall_command({"completion", "fish"}).out;
    const std::string man = squall_command({"completion", "man"}).out;
    int options = 0;
    for (const char* verb : {"run", "replay", "sites", "minimize", "merge", "prune", "report"}) {
        std::istringstream help(squall_command({verb, "--help"}).out);
        for (std::string line; std::getline(help, line);) {
            const std::size_t at = line.find("--");
            if (!line.starts_with("  -") || at == std::string::npos) {
                continue;
            }
            const std::string name = line.substr(at + 2, line.find_first_of(" ,", at) - at - 2);
            ++options;
            EXPECT_NE(bash.find("--" + name), std::string::npos) << name;
            EXPECT_NE(zsh.find("*--" + name), std::string::npos) << name;
            EXPECT_NE(fish.find(" -l " + name), std::string::npos) << name;
            std::string dashed = "\\-\\-" + name;
            for (std::size_t dash = dashed.find('-', 4); dash != std::string::npos;
                 dash = dashed.find('-', dash + 2)) {
                dashed.insert(dash, "\\");
            }
            EXPECT_NE(man.find("\\fB" + dashed + "\\fR"), std::string::npos) << dashed;
        }
    }
    EXPECT_GT(options, 50);
}

TEST_F(Completion, ShellsAndManThatAreThereTakeThem) {
    std::ofstream("s.bash") << squall_command({"completion", "bash"}).out;
    std::ofstream("_squall") << squall_command({"completion", "zsh"}).out;
    std::ofstream("s.fish") << squall_command({"completion", "fish"}).out;
    std::ofstream("squall.1") << squall_command({"completion", "man"}).out;
    EXPECT_EQ(shell("bash -n s.bash"), "");
    EXPECT_EQ(shell("if command -v zsh >/dev/null; then zsh -n _squall; fi"), "");
    EXPECT_EQ(shell("if command -v fish >/dev/null; then fish -n s.fish; fi"), "");
    EXPECT_EQ(shell("if command -v groff >/dev/null; then groff -man -Tutf8 -ww -z squall.1; fi"), "");
    const command_result wrong = squall_command({"completion", "tcsh"});
    EXPECT_EQ(wrong.exit_code, 2);
    EXPECT_NE(wrong.err.find("there are bash, zsh, fish and man"), std::string::npos) << wrong.err;
}

}  // namespace
}  // namespace squall::cli::test
