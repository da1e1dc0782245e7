// Reads compile_commands.json and keeps of each command what a parse needs.
#include "driver/database.h"

#include "driver/problem.h"

#include <clang/Tooling/CompilationDatabase.h>
#include <clang/Tooling/JSONCompilationDatabase.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/VirtualFileSystem.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace squall::rewrite {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 17> with_value{"-D",
                                                      "-U",
                                                      "-I",
                                                      "-isystem",
                                                      "-iquote",
                                                      "-idirafter",
                                                      "-include",
                                                      "-imacros",
                                                      "-x",
                                                      "-isysroot",
                                                      "--sysroot",
                                                      "-iprefix",
                                                      "-target",
                                                      "--gcc-toolchain",
                                                      "-iwithprefixbefore",
                                                      "-cxx-isystem",
                                                      "-iwithprefix"};

// Their value is a part of the argument.
constexpr std::array<std::string_view, 23> prefixes{"-D",
                                                    "-U",
                                                    "-I",
                                                    "-isystem",
                                                    "-iquote",
                                                    "-idirafter",
                                                    "-std=",
                                                    "--std=",
                                                    "--sysroot=",
                                                    "--target=",
                                                    "--gcc-toolchain=",
                                                    "-stdlib=",
                                                    "-march=",
                                                    "-mtune=",
                                                    "-mcpu=",
                                                    "-msse",
                                                    "-mavx",
                                                    "-mfma",
                                                    "-maes",
                                                    "-mbmi",
                                                    "-mpopcnt",
                                                    "-ftemplate-depth=",
                                                    "-x"};

constexpr std::array<std::string_view, 29> whole{"-pthread",
                                                 "-fopenmp",
                                                 "-fopenmp-simd",
                                                 "-fblocks",
                                                 "-fexceptions",
                                                 "-fno-exceptions",
                                                 "-frtti",
                                                 "-fno-rtti",
                                                 "-fsigned-char",
                                                 "-fno-signed-char",
                                                 "-funsigned-char",
                                                 "-fno-unsigned-char",
                                                 "-fchar8_t",
                                                 "-fno-char8_t",
                                                 "-fshort-enums",
                                                 "-fms-extensions",
                                                 "-fpermissive",
                                                 "-fshort-wchar",
                                                 "-fno-builtin",
                                                 "-ffreestanding",
                                                 "-fhosted",
                                                 "-nostdinc",
                                                 "-nostdinc++",
                                                 "-m32",
                                                 "-m64",
                                                 "-fsized-deallocation",
                                                 "-faligned-new",
                                                 "-ansi",
                                                 "-trigraphs"};

// A command's next argument that is not its own: the names of files to write.
constexpr std::array<std::string_view, 11> dropped_with_value{
    "-o", "-MF", "-MT", "-MQ", "-arch", "-Xlinker", "-aux-info", "--param", "-Xassembler", "-T", "-L"};

bool is_one_of(std::string_view text, auto& list) {
    return std::ranges::find(list, text) != list.end();
}

}  // namespace

std::vector<std::string> parse_arguments(const std::vector<std::string>& command) {
    std::vector<std::string> kept;
    for (std::size_t i = 1; i < command.size(); ++i) {
        const std::string& argument = command[i];
        if (argument == "--")
            break;
        if (is_one_of(argument, dropped_with_value)) {
            ++i;
        } else if (argument == "-Xclang" && i + 1 < command.size()) {
            // CMake hands the header that a precompiled one was made of to clang proper, both words so.
            const std::string& proper = command[++i];
            if (is_one_of(proper, with_value) && i + 2 < command.size())
                kept.insert(kept.end(), {proper, command[i + 2]});
            if (proper == "-include-pch" || is_one_of(proper, with_value))
                i += 2;
        } else if (is_one_of(argument, with_value)) {
            if (i + 1 == command.size())
                break;
            kept.push_back(argument);
            kept.push_back(command[++i]);
        } else if (is_one_of(argument, whole) || std::ranges::any_of(prefixes, [&](std::string_view p) {
                       return argument.starts_with(p);
                   })) {
            kept.push_back(argument);
        } else if (argument == "-O" || (argument.starts_with("-O") && argument != "-O0")) {
            kept.emplace_back("-O1");  // for __OPTIMIZE__
        } else if (argument == "-fsanitize=address" || argument.starts_with("-fsanitize=address,")) {
            kept.emplace_back(
                "-D__SANITIZE_ADDRESS__=1");  // gcc's spelling of __has_feature(address_sanitizer)
        }
    }
    // Clang's own omp.h comes with its OpenMP library, and clang cannot read gcc's: without it, what asks for
    // _OPENMP first is read as if there were none. The directives count all the same.
    static const bool header = fs::exists(SQUALL_CLANG_RESOURCE_DIR "/include/omp.h");
    if (!header && std::ranges::find(kept, "-fopenmp") != kept.end())
        kept.emplace_back("-U_OPENMP");
    return kept;
}

std::vector<unit> units_of(const std::string& build_dir, const file_set& files) {
    fs::path database = build_dir;
    std::error_code none;
    if (fs::is_directory(database, none))
        database /= "compile_commands.json";
    if (!fs::is_regular_file(database, none))
        throw problem("no compile_commands.json under " + build_dir +
                      " (run cmake with -DCMAKE_EXPORT_COMPILE_COMMANDS=ON)");
    std::string complaint;
    std::unique_ptr<clang::tooling::CompilationDatabase> loaded =
        clang::tooling::JSONCompilationDatabase::loadFromFile(database.string(), complaint,
                                                              clang::tooling::JSONCommandLineSyntax::Gnu);
    if (!loaded)
        throw problem("cannot read " + database.string() + ": " + complaint);
    loaded = clang::tooling::expandResponseFiles(std::move(loaded), llvm::vfs::getRealFileSystem());

    std::vector<unit> units;
    for (const clang::tooling::CompileCommand& command : loaded->getAllCompileCommands()) {
        const fs::path file = fs::path(command.Directory) / command.Filename;
        llvm::sys::fs::UniqueID identity;
        if (llvm::sys::fs::getUniqueID(file.string(), identity))
            continue;
        const auto index = files.find(identity);
        if (!index)
            continue;
        const std::string extension = file.extension().string();
        std::vector<std::string> arguments = parse_arguments(command.CommandLine);
        // Assembly and other languages have nothing to parse.
        if (extension == ".s" || extension == ".S" || extension == ".asm" || extension == ".cu")
            continue;
        arguments.insert(arguments.begin(), extension == ".c" ? "clang" : "clang++");
        arguments.push_back(file.string());
        units.push_back({files.path(*index), command.Directory, std::move(arguments)});
    }
    std::ranges::sort(units);
    const auto repeated = std::ranges::unique(units);
    units.erase(repeated.begin(), repeated.end());
    return units;
}

}  // namespace squall::rewrite
