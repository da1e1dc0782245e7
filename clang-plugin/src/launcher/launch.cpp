// Parses, writes the texts to a directory of its own, and has the compiler read those in place of the files.
#include <squall/launch.h>

#include "driver/database.h"
#include "driver/one_unit.h"
#include "driver/problem.h"
#include "driver/source_tree.h"
#include "launcher/command.h"
#include "launcher/depfile.h"

#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <optional>
#include <ostream>

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace squall::rewrite {
namespace {

namespace fs = std::filesystem;

// The name under which compilers see the table of sites. No such file exists: what it is called may depend on
// nothing, since it gets into debug information.
constexpr const char* table_name = "/squall/squall-sites.h";

// Removed with all that is in it.
class scratch_directory {
public:
    scratch_directory() {
        const char* base = std::getenv("TMPDIR");
        std::string pattern = std::string(base && *base ? base : "/tmp") + "/squall-cc-XXXXXX";
        if (!mkdtemp(pattern.data()))
            throw problem("cannot make a directory for temporary files: " + pattern + ": " +
                          std::strerror(errno));
        path_ = pattern;
    }
    ~scratch_directory() {
        std::error_code none;
        fs::remove_all(path_, none);
    }
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;
    std::string file(const std::string& name, const std::string& text) const {
        const std::string path = path_ / name;
        std::ofstream out(path, std::ios::binary);
        out.write(text.data(), static_cast<std::streamsize>(text.size()));
        out.close();
        if (!out)
            throw problem("cannot write " + path + ": " + std::strerror(errno));
        return path;
    }
    std::string path(const std::string& name) const { return path_ / name; }

private:
    fs::path path_;
};

// The compiler gets Ctrl-C too; what it leaves is removed before this process ends of it.
class signals_ignored {
public:
    signals_ignored() {
        for (std::size_t i = 0; i < std::size(all); ++i)
            before_[i] = std::signal(all[i], SIG_IGN);
    }
    ~signals_ignored() {
        for (std::size_t i = 0; i < std::size(all); ++i)
            std::signal(all[i], before_[i]);
    }
    signals_ignored(const signals_ignored&) = delete;
    signals_ignored& operator=(const signals_ignored&) = delete;

private:
    static constexpr int all[] = {SIGINT, SIGTERM, SIGHUP};
    void (*before_[std::size(all)])(int);
};

std::vector<char*> pointers(const std::vector<std::string>& strings) {
    std::vector<char*> all;
    for (const std::string& each : strings)
        all.push_back(const_cast<char*>(each.c_str()));
    all.push_back(nullptr);
    return all;
}

// Runs the command with further variables of the environment, and with stderr in `errors` if that is not
// empty. Returns the status of waitpid().
int run(const std::vector<std::string>& command, const std::vector<std::string>& variables,
        const std::string& errors) {
    std::vector<std::string> environment;
    for (char** each = environ; *each; ++each) {
        const std::string_view text = *each;
        bool replaced = false;
        for (const std::string& variable : variables)
            replaced =
                replaced || text.substr(0, text.find('=') + 1) == variable.substr(0, variable.find('=') + 1);
        if (!replaced)
            environment.emplace_back(text);
    }
    environment.insert(environment.end(), variables.begin(), variables.end());
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (!errors.empty())
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(),
                                         O_WRONLY | O_CREAT | O_TRUNC, 0600);
    // What is ignored here is not to be ignored there.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t usual;
    sigemptyset(&usual);
    for (int each : {SIGINT, SIGTERM, SIGHUP})
        sigaddset(&usual, each);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    pid_t child = 0;
    const std::vector<char*> arguments = pointers(command);
    const std::vector<char*> all_variables = pointers(environment);
    const int failed =
        posix_spawnp(&child, arguments[0], &actions, &attributes, arguments.data(), all_variables.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        throw problem("cannot run " + command[0] + ": " + std::strerror(failed));
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            throw problem("cannot wait for " + command[0] + ": " + std::strerror(errno));
    return status;
}

// Becomes the command.
[[noreturn]] void become(const std::vector<std::string>& command) {
    execvp(command[0].c_str(), pointers(command).data());
    throw problem("cannot run " + command[0] + ": " + std::strerror(errno));
}

// Something that is installed with squall, or lies in the build that it comes from.
std::optional<std::string> companion(const std::string& executable,
                                     std::initializer_list<const char*> places) {
    std::error_code error;
    const fs::path directory = fs::path(executable).parent_path();
    for (const char* place : places)
        if (const fs::path path = fs::canonical(directory / place, error); !error)
            return path.string();
    return std::nullopt;
}

std::string overlay(const rewritten_unit& unit, const scratch_directory& scratch, const std::string& table) {
    llvm::json::Array roots;
    auto add = [&](const std::string& name, const std::string& contents) {
        roots.push_back(llvm::json::Object{{"type", "file"},
                                           {"name", llvm::json::fixUTF8(name)},
                                           {"external-contents", llvm::json::fixUTF8(contents)}});
    };
    add(table_name, table);
    for (std::size_t i = 0; i < unit.files.size(); ++i)
        for (const std::string& name : unit.files[i].names)
            add(name, scratch.path(std::to_string(i)));
    std::string text;
    llvm::raw_string_ostream(text) << llvm::json::Value(
        llvm::json::Object{{"version", 0}, {"use-external-names", false}, {"roots", std::move(roots)}});
    return text;
}

std::string redirections(const rewritten_unit& unit, const scratch_directory& scratch,
                         const std::string& table) {
    std::string text = std::string("virtual ") + table_name + '\t' + table + '\n';
    for (std::size_t i = 0; i < unit.files.size(); ++i) {
        struct stat status;
        if (stat(unit.files[i].original.c_str(), &status) == 0)
            text += std::to_string(status.st_dev) + ' ' + std::to_string(status.st_ino) + '\t' +
                    scratch.path(std::to_string(i)) + '\n';
    }
    return text;
}

// The command with further arguments ahead of its own, and what it needs of the environment.
struct invocation {
    std::vector<std::string> command;
    std::vector<std::string> variables;
};

invocation instrumented(const std::vector<std::string>& command, const compiler_command& what,
                        const rewritten_unit& unit, const scratch_directory& scratch,
                        const launch_options& options) {
    const std::string table = scratch.file("squall-sites.h", unit.site_header);
    for (std::size_t i = 0; i < unit.files.size(); ++i)
        scratch.file(std::to_string(i), unit.files[i].text);
    invocation made;
    std::vector<std::string> more{"-include", table_name};
    if (what.clang) {
        more.insert(more.begin(),
                    {"-ivfsoverlay", scratch.file("overlay.json", overlay(unit, scratch, table))});
        made.command = without_precompiled(command);
    } else {
        const auto library = companion(
            options.executable, {"../lib/squall/libsquall_vfs.so", "../clang-plugin/libsquall_vfs.so"});
        if (!library)
            throw problem("libsquall_vfs.so is not in ../lib/squall beside " + options.executable);
        const char* before = std::getenv("LD_PRELOAD");
        made.variables = {"LD_PRELOAD=" + *library + (before && *before ? ':' + std::string(before) : ""),
                          "SQUALL_VFS=" + scratch.file("redirections", redirections(unit, scratch, table))};
        made.command = command;
    }
    // stderr is no terminal for the compiler, but may be one here.
    if (isatty(STDERR_FILENO))
        more.emplace_back("-fdiagnostics-color=always");
    made.command.insert(made.command.begin() + static_cast<std::ptrdiff_t>(what.compiler) + 1, more.begin(),
                        more.end());
    return made;
}

void correct_depfile(const std::string& path, const rewritten_unit& unit, const launch_options& options) {
    std::error_code error;
    if (path.empty() || path == "-" || !fs::is_regular_file(path, error))
        return;
    std::vector<std::string> more = unit.settings;
    more.push_back(options.executable);
    const std::string corrected = corrected_depfile(read_file(path), table_name, more);
    std::ofstream out(path, std::ios::binary);
    out << corrected;
    out.close();
    if (!out)
        throw problem("cannot write " + path + ": " + std::strerror(errno));
}

rewritten_unit rewrite(open_project& project, const std::vector<std::string>& expanded,
                       const compiler_command& what) {
    const std::string here = fs::current_path().string();
    std::vector<std::string> arguments =
        parse_arguments({expanded.begin() + static_cast<std::ptrdiff_t>(what.compiler), expanded.end()});
    arguments.insert(arguments.begin(), "clang++");
    arguments.push_back(what.source);
    parsed_unit parsed = parse_one({what.source, here, std::move(arguments)}, project.files(),
                                   project.rules(), project.seen(here));
    if (!parsed.first_error.empty())
        throw problem("does not parse: " + parsed.first_error);
    return project.finish(std::move(parsed.findings));
}

void copy_to_stderr(const std::string& path) {
    const std::string text = read_file(path);
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t written = write(STDERR_FILENO, text.data() + done, text.size() - done);
        if (written < 0 && errno != EINTR)
            return;
        done += written > 0 ? static_cast<std::size_t>(written) : 0;
    }
}

std::string first_line_with(const std::string& text, const std::string& what) {
    const std::size_t found = text.find(what);
    if (found == std::string::npos)
        return {};
    const std::size_t begin = text.rfind('\n', found) + 1;
    return text.substr(begin, text.find('\n', found) - begin);
}

// Compiles the instrumented form; the status of waitpid(). Empty: it has nothing in it, or does not compile
// as the original may; `why` says which.
std::optional<int> compile(const launch_options& options, const std::vector<std::string>& command,
                           const compiler_command& what, const rewritten_unit& unit, std::string& why) {
    scratch_directory scratch;
    const invocation made = instrumented(command, what, unit, scratch, options);
    const std::string errors = scratch.path("errors");
    const int status = run(made.command, made.variables, errors);
    const bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!well && !WIFSIGNALED(status)) {
        // The compiler's words about the text that the user knows are better; if there are none, it was us.
        why = first_line_with(read_file(errors), "error: ");
        return std::nullopt;
    }
    copy_to_stderr(errors);
    if (well)
        correct_depfile(what.depfile, unit, options);
    return status;
}

int exit_code(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int launch_compiler(const launch_options& options, const std::vector<std::string>& command,
                    std::ostream& err) {
    const std::vector<std::string> expanded = with_response_files(command);
    const compiler_command what = read_command(expanded);
    std::vector<std::string> original = command;
    if (what.links)
        if (const auto runtime =
                companion(options.executable,
                          {"../lib/libsquall_runtime.a", "../lib64/libsquall_runtime.a",
                           "../lib/x86_64-linux-gnu/libsquall_runtime.a", "../runtime/libsquall_runtime.a"}))
            original.push_back(*runtime);
    if (!what.left.empty())
        err << "squall: compiled as written: " << what.left << std::endl;
    std::error_code error;
    if (what.source.empty() || !fs::is_regular_file(what.source, error))
        become(original);

    rewritten_unit unit;
    std::string why;  // it is compiled as written
    try {
        open_project project(options.root.empty() ? find_root(what.source) : fs::path(options.root),
                             options.rules);
        if (!project.has(what.source))
            become(original);
        unit = rewrite(project, expanded, what);
    } catch (const problem& wrong) {
        why = wrong.what();
    }
    if (options.verbose && why.empty())
        err << "squall: " << what.source << ": " << unit.sites << (unit.sites == 1 ? " site" : " sites")
            << std::endl;

    signals_ignored until_done;
    if (unit.sites > 0) {
        try {
            // The library goes last, the table of sites first: both are in order.
            if (const auto status = compile(options, original, what, unit, why))
                return exit_code(*status);
            if (why.empty())
                why = "with sites the compiler refuses it";
        } catch (const problem& wrong) {
            why = wrong.what();
        }
    }
    const int status = run(original, {}, {});
    if (status == 0) {
        // Of what does not compile either way the compiler has said enough.
        if (!why.empty())
            err << "squall: " << what.source << ": compiled as written: " << why << std::endl;
        correct_depfile(what.depfile, unit, options);
    }
    return exit_code(status);
}

}  // namespace

int launch(const launch_options& options, const std::vector<std::string>& command, std::ostream& err) {
    try {
        return launch_compiler(options, command, err);
    } catch (const std::exception& what) {
        err << "squall: " << what.what() << std::endl;
    }
    return 2;
}

}  // namespace squall::rewrite
