// The rules, and the one table that names, groups and makes them.
//
// A rule says what it looks for and which text goes in; the edits (core/edits.h) say whether it may. A new
// rule is a file beside this one, a line in the table in rules.cpp, a test in lit-tests/instrument and a
// paragraph in docs/reference/rules.md.
#ifndef SQUALL_REWRITE_RULES_H
#define SQUALL_REWRITE_RULES_H

#include <squall/site.h>

#include <clang/AST/ASTFwd.h>
#include <clang/AST/Type.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace squall::rewrite {

class context;
struct statement_note;

// A function that is defined here, with a body in braces.
struct function_view {
    const clang::FunctionDecl& declaration;
    const clang::CompoundStmt& body;  // of a function-try-block, its try block
    bool coroutine;
    bool deduced;  // the return type comes from the body: another return could change it
};

// One way that control can take.
struct branch_view {
    enum class kind { then_branch, else_branch, loop_body, handler, case_body };
    kind what;
    const clang::Stmt& statement;  // the if, loop, case or handler
    const clang::Stmt& body;
    const clang::Expr*
        condition;  // holds exactly where the body runs next; null if no such expression can be extended
};

// A co_await that is written.
struct await_view {
    const clang::Expr& operand;  // as written
};

// A constant or member that is read.
struct use_view {
    const clang::ValueDecl& variable;
    const clang::Expr& read;  // the name as written
    clang::QualType becomes;  // the integer type that it is converted to at once, or its own
};

class rule {
public:
    virtual ~rule() = default;
    virtual void function(const function_view&, context&) {}
    virtual void call(const clang::Expr& /*call or construction*/, context&) {}
    // What a variable or member is initialised with, in whatever way, or set to.
    virtual void value(const clang::ValueDecl& /*variable*/, const clang::Expr& /*value*/, context&) {}
    virtual void branch(const branch_view&, context&) {}
    virtual void await(const await_view&, context&) {}
    virtual void use(const use_view&, context&) {}
    // An annotated statement that stands in a block.
    virtual void annotated(const clang::Stmt&, const statement_note&, context&) {}
    // One that stands elsewhere, which no text can be put ahead of.
    virtual void annotated_elsewhere(const clang::Stmt&, const statement_note&, context&) {}
};

// safe: what it injects, the program could have met. aggressive: what it injects, a program need not be ready
// for, or asks more of a campaign than finding no violation.
enum class rule_group { safe, aggressive };

struct rule_info {
    std::string_view name;
    rule_group group;
    site_kind kind;
    std::string_view summary;
    std::unique_ptr<rule> (*make)(const rule_info&);
};

// In the order in which their texts stand where several enter one block.
std::span<const rule_info> all_rules();
std::string_view to_string(rule_group group);

// The rules that the names of rules and groups stand for, in the order of the table; the group `safe` if none
// is given; "all" stands for every rule. Throws std::invalid_argument with a sentence for an unknown name.
std::vector<const rule_info*> select_rules(const std::vector<std::string>& names);

std::unique_ptr<rule> make_allocation_rule(const rule_info&);
std::unique_ptr<rule> make_answer_lost_rule(const rule_info&);
std::unique_ptr<rule> make_capacity_rule(const rule_info&);
std::unique_ptr<rule> make_coverage_rule(const rule_info&);
std::unique_ptr<rule> make_delay_rule(const rule_info&);
std::unique_ptr<rule> make_error_path_rule(const rule_info&);
std::unique_ptr<rule> make_error_return_rule(const rule_info&);
std::unique_ptr<rule> make_exception_rule(const rule_info&);
std::unique_ptr<rule> make_interleaving_rule(const rule_info&);
std::unique_ptr<rule> make_knob_rule(const rule_info&);
std::unique_ptr<rule> make_short_io_rule(const rule_info&);
std::unique_ptr<rule> make_skip_rule(const rule_info&);
std::unique_ptr<rule> make_sometimes_rule(const rule_info&);
std::unique_ptr<rule> make_timeout_rule(const rule_info&);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_RULES_H
