// Classes that say how an operation ended: Status, grpc::Status, absl::StatusOr.
#ifndef SQUALL_REWRITE_STATUS_CLASS_H
#define SQUALL_REWRITE_STATUS_CLASS_H

#include "rules/evidence.h"

#include <clang/AST/ASTFwd.h>
#include <clang/AST/Type.h>

#include <string>
#include <vector>

namespace squall::rewrite {

// Whether objects of the type are such: a class with a member ok(), IsOK() or the like, or one whose name
// says error, status or result.
bool is_status_class(clang::QualType type);

// Whether it has a member ok() or the like: one made by default may well say that all went well.
bool has_ok(clang::QualType type);

// The failure that the body itself returns, made again by the same factory or constructor:
// `Status::IOError(name, "...")`. What of its arguments is known at the start of the function stays, texts
// become "injected by squall". Empty if the body returns none that can be made so, or nothing else.
std::string status_failure(const std::vector<returned_value>& values, const clang::FunctionDecl& function);

// An object made on the spot, as its type and arguments are known at the start of the function: the same text
// with messages replaced. Empty if one of them is not.
std::string made_again(const clang::Expr& value, const clang::FunctionDecl& from);

// Whether among several values there is one that is not plainly a success: an error, or a variable.
bool may_be_failure(const std::vector<returned_value>& values);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_STATUS_CLASS_H
