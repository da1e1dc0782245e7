// Looks at one translation unit for what `squall lint` tells of.
#ifndef SQUALL_REWRITE_LINT_VISITOR_H
#define SQUALL_REWRITE_LINT_VISITOR_H

#include "core/model.h"
#include "lint/finding.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/Frontend/CompilerInstance.h>

#include <memory>
#include <set>

namespace squall::rewrite {

// The consumer for the parse of one translation unit. Bodies of functions outside of the set are not parsed.
// All arguments must outlive it.
std::unique_ptr<clang::ASTConsumer> make_lint_consumer(clang::CompilerInstance& compiler,
                                                       const file_set& files, std::set<finding>& findings);

// Where the token is, if that is in a file of the set.
bool place_finding(const clang::SourceManager& sources, const clang::LangOptions& language,
                   const file_set& files, clang::SourceLocation where, finding& found);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_LINT_VISITOR_H
