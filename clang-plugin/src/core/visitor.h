// Walks the declarations of one translation unit that stand in files of the set, and offers what it meets to
// the rules.
#ifndef SQUALL_REWRITE_VISITOR_H
#define SQUALL_REWRITE_VISITOR_H

#include "core/model.h"
#include "rules/rules.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/Frontend/CompilerInstance.h>

#include <memory>
#include <span>

namespace squall::rewrite {

// The consumer for the parse of one translation unit; `findings` are complete when the parse is. Bodies of
// functions outside of the set are not parsed. All arguments must outlive it.
std::unique_ptr<clang::ASTConsumer> make_consumer(clang::CompilerInstance& compiler, const file_set& files,
                                                  std::span<const rule_info* const> rules,
                                                  unit_findings& findings);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_VISITOR_H
