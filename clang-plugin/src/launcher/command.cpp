// Reads the options of gcc and clang that say what is compiled and where to.
#include "launcher/command.h"

#include <llvm/Support/Allocator.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/Error.h>
#include <llvm/Support/StringSaver.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace squall::rewrite {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 38> takes_value{"-o",
                                                       "-MF",
                                                       "-MT",
                                                       "-MQ",
                                                       "-I",
                                                       "-D",
                                                       "-U",
                                                       "-include",
                                                       "-imacros",
                                                       "-isystem",
                                                       "-iquote",
                                                       "-idirafter",
                                                       "-x",
                                                       "-Xclang",
                                                       "-Xlinker",
                                                       "-T",
                                                       "-Xassembler",
                                                       "-Xpreprocessor",
                                                       "-arch",
                                                       "-target",
                                                       "--param",
                                                       "-L",
                                                       "-l",
                                                       "-u",
                                                       "-z",
                                                       "-e",
                                                       "-aux-info",
                                                       "-B",
                                                       "-isysroot",
                                                       "--sysroot",
                                                       "-iprefix",
                                                       "-iwithprefix",
                                                       "-iwithprefixbefore",
                                                       "-dumpbase",
                                                       "-mllvm",
                                                       "-cxx-isystem",
                                                       "-wrapper",
                                                       "-A"};

bool takes(std::string_view argument) {
    return std::ranges::find(takes_value, argument) != takes_value.end();
}

bool is_cxx_source(const std::string& path) {
    const std::string extension = fs::path(path).extension().string();
    constexpr std::array<std::string_view, 7> known{".cc", ".cp", ".cpp", ".cxx", ".c++", ".C", ".CPP"};
    return std::ranges::find(known, extension) != known.end();
}

bool is_module_source(const std::string& path) {
    const std::string extension = fs::path(path).extension().string();
    constexpr std::array<std::string_view, 6> known{".cppm", ".ccm", ".cxxm", ".c++m", ".ixx", ".mpp"};
    return std::ranges::find(known, extension) != known.end();
}

bool is_wrapper(const std::string& program) {
    const std::string name = fs::path(program).filename().string();
    return name == "ccache" || name == "sccache" || name == "distcc";
}

// "c++" may be either; what it links to tells.
bool is_clang(const std::string& program) {
    if (fs::path(program).filename().string().find("clang") != std::string::npos)
        return true;
    std::vector<fs::path> candidates;
    if (program.find('/') != std::string::npos) {
        candidates.emplace_back(program);
    } else if (const char* path = std::getenv("PATH")) {
        std::string_view rest = path;
        while (!rest.empty()) {
            const std::size_t colon = std::min(rest.find(':'), rest.size());
            candidates.push_back(fs::path(rest.substr(0, colon)) / program);
            rest.remove_prefix(std::min(colon + 1, rest.size()));
        }
    }
    for (const fs::path& candidate : candidates) {
        std::error_code error;
        const fs::path real = fs::canonical(candidate, error);
        if (!error)
            return real.filename().string().find("clang") != std::string::npos;
    }
    return false;
}

// Where -MD puts the dependencies without -MF.
std::string default_depfile(const std::string& object, const std::string& source) {
    fs::path path = object.empty() ? fs::path(source).filename() : fs::path(object);
    return path.replace_extension(".d").string();
}

}  // namespace

std::vector<std::string> with_response_files(const std::vector<std::string>& command) {
    llvm::BumpPtrAllocator memory;
    llvm::SmallVector<const char*, 64> arguments;
    for (const std::string& argument : command)
        arguments.push_back(argument.c_str());
    llvm::cl::ExpansionContext context(memory, llvm::cl::TokenizeGNUCommandLine);
    if (llvm::Error error = context.expandResponseFiles(arguments)) {
        // The compiler will say it better.
        llvm::consumeError(std::move(error));
        return command;
    }
    return {arguments.begin(), arguments.end()};
}

compiler_command read_command(const std::vector<std::string>& command) {
    compiler_command read;
    while (read.compiler + 1 < command.size() && is_wrapper(command[read.compiler]))
        ++read.compiler;
    read.clang = is_clang(command[read.compiler]);

    std::vector<std::string> sources;
    std::string language;
    std::string object;
    bool compiles_only = false;
    bool stops_early = false;
    bool writes_depfile = false;
    bool shared = false;
    bool inputs = false;
    bool modules = false;
    for (std::size_t i = read.compiler + 1; i < command.size(); ++i) {
        const std::string& argument = command[i];
        const std::string value = i + 1 < command.size() ? command[i + 1] : std::string();
        if (argument == "-c" || argument == "-S" || argument == "-fsyntax-only")
            compiles_only = true;
        else if (argument == "-E" || argument == "-M" || argument == "-MM" || argument == "-###")
            stops_early = true;
        else if (argument == "-shared" || argument == "-r")
            shared = true;
        else if (argument == "-MD" || argument == "-MMD")
            writes_depfile = true;
        else if (argument.starts_with("-Wp,-MD,") || argument.starts_with("-Wp,-MMD,"))
            read.depfile = argument.substr(argument.find(',', 4) + 1);
        else if (argument == "-MF")
            read.depfile = value;
        else if (argument.starts_with("-MF"))
            read.depfile = argument.substr(3);
        else if (argument == "-o")
            object = value;
        else if (argument.starts_with("-o") && argument.size() > 2)
            object = argument.substr(2);
        else if (argument == "-x")
            language = value;
        else if (argument.starts_with("-x"))
            language = argument.substr(2);
        else if (argument.starts_with("-fmodule") && argument != "-fmodules-cache-path")
            modules = true;
        if (takes(argument)) {
            ++i;
            continue;
        }
        if (argument.starts_with("-"))
            continue;
        inputs = true;
        const bool module = is_module_source(argument);
        modules = modules || module;
        if (module || language == "c++" || (language.empty() && is_cxx_source(argument)))
            sources.push_back(argument);
    }
    if (writes_depfile && read.depfile.empty() && sources.size() == 1)
        read.depfile = default_depfile(object, sources.front());
    read.links = inputs && !compiles_only && !stops_early && !shared;
    if (stops_early || sources.empty())
        return read;
    if (sources.size() > 1)
        read.left = "several sources in one command (compile each with -c)";
    else if (modules)
        read.left = "C++ modules leave no place for the table of sites";
    else
        read.source = sources.front();
    return read;
}

std::vector<std::string> without_precompiled(const std::vector<std::string>& command) {
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < command.size(); ++i) {
        if (command[i] == "-include-pch") {
            ++i;
        } else if (command[i] == "-Xclang" && i + 3 < command.size() && command[i + 1] == "-include-pch") {
            i += 3;  // -Xclang -include-pch -Xclang FILE
        } else {
            kept.push_back(command[i]);
        }
    }
    return kept;
}

}  // namespace squall::rewrite
