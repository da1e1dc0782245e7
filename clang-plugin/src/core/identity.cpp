// Keys and hashes of sites.
#include "core/identity.h"

#include "rules/rules.h"

#include <clang/AST/Decl.h>
#include <clang/Index/USRGeneration.h>
#include <llvm/ADT/SmallString.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/xxhash.h>

#include <cctype>
#include <map>

namespace squall::rewrite {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// "@571@" becomes "@".
std::string without_offsets(std::string_view usr) {
    std::string out;
    for (std::size_t i = 0; i < usr.size(); ++i) {
        out += usr[i];
        if (usr[i] != '@')
            continue;
        std::size_t end = i + 1;
        while (end < usr.size() && is_digit(usr[end]))
            ++end;
        if (end > i + 1 && end < usr.size() && usr[end] == '@')
            i = end;
    }
    return out;
}

}  // namespace

std::string owner_key(const clang::NamedDecl& declaration, std::string_view path) {
    llvm::SmallString<256> usr;
    if (clang::index::generateUSRForDecl(&declaration, usr))
        usr = declaration.getQualifiedNameAsString();
    std::string key = without_offsets({usr.data(), usr.size()});
    // Clang names the file of an entity with internal linkage by its last component only, and each program of
    // a tree has a main of its own.
    const auto* function = llvm::dyn_cast<clang::FunctionDecl>(&declaration);
    if (!declaration.hasExternalFormalLinkage() || (function && function->isMain()))
        key.insert(0, std::string(path) + '|');
    return key;
}

std::string lambda_key(std::string_view owner, unsigned ordinal) {
    return std::string(owner) + "|lambda" + std::to_string(ordinal);
}

std::string without_space(std::string_view text) {
    std::string out;
    for (char c : text)
        if (!std::isspace(static_cast<unsigned char>(c)))
            out += c;
    return out;
}

void assign_ids(std::vector<site>& sites) {
    std::map<std::string, unsigned> seen;
    for (site& each : sites) {
        std::string key = std::string(each.rule->name) + '|' + each.owner + '|' + each.anchor;
        key += '|' + std::to_string(each.of_variable ? 0 : seen[key]++);
        each.id = llvm::xxh3_64bits(key);
    }
}

std::string hex(std::uint64_t id) {
    std::string digits = llvm::utohexstr(id, /*LowerCase=*/true);
    return std::string(16 - digits.size(), '0') + digits;
}

}  // namespace squall::rewrite
