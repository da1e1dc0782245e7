// capacity and knob: turn limits and settings for a whole run.
//
// capacity looks for integers whose name says that they limit something that comes and goes (max_batch,
// kQueueDepth, cache_capacity), knob for those that are annotated [[squall::knob(low, high)]]. Of a constant
// each use E becomes `::squall::capacity<T>(site, E)` or `::squall::setting<T>(site, E, low, high)`, all uses
// being one site so that they agree; of a member or variable that may change, the constant that it is set to.
// The result has the type that E is converted to; a constant stays one where the language asks for it. Sizes
// that memory is allocated by stay.
#include "core/annotations.h"
#include "core/edits.h"
#include "rules/integers.h"
#include "rules/names.h"
#include "rules/rules.h"
#include "rules/types.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/ExprCXX.h>
#include <llvm/ADT/StringExtras.h>

#include <optional>

namespace squall::rewrite {
namespace {

// A constant whose uses are turned, and no variable that is set.
bool is_constant(const clang::ValueDecl& variable) {
    const auto* declared = llvm::dyn_cast<clang::VarDecl>(&variable);
    return declared && !llvm::isa<clang::ParmVarDecl>(declared) && !declared->isTemplated() &&
           declared->getType().isConstQualified() && !declared->getType().isVolatileQualified() &&
           declared->hasInit();
}

// Beyond the first there is nothing to make smaller; beyond the second it stands for "no limit".
constexpr std::int64_t smallest_limit = 2;
constexpr std::int64_t largest_limit = std::int64_t{1} << 40;

class turning_rule : public rule {
public:
    explicit turning_rule(const rule_info& info) : info_(info) {}

    void use(const use_view& u, context& at) override {
        if (!is_constant(u.variable))
            return;
        const auto* declared = llvm::cast<clang::VarDecl>(&u.variable);
        const clang::Expr* init = declared->getAnyInitializer();
        const auto hook = turned_by(u.variable, init, at);
        if (!hook)
            return;
        const clang::QualType type = is_count(u.becomes) ? u.becomes : u.variable.getType();
        if (at.where.in_list()) {
            at.edit.skip(info_, u.read.getBeginLoc(), "braced initialiser");
            return;
        }
        wrap(u.variable, u.read, *hook, type, at);
    }

    void value(const clang::ValueDecl& variable, const clang::Expr& value, context& at) override {
        const bool member = llvm::isa<clang::FieldDecl>(variable);
        if ((!member && is_constant(variable)) || llvm::isa<clang::ParmVarDecl>(variable))
            return;
        // A variable without const is no setting unless it is said to be one.
        if (!member && !annotation_of(variable, annotations::knob))
            return;
        if (const auto* field = llvm::dyn_cast<clang::FieldDecl>(&variable); field && field->isBitField())
            return;
        const clang::Expr& written = *value.IgnoreUnlessSpelledInSource();
        if (const auto hook = turned_by(variable, &written, at))
            wrap(variable, written, *hook, variable.getType(), at);
    }

protected:
    struct turn {
        std::string function;  // of squall's
        std::string more;      // arguments behind the value
        std::string evidence;
    };
    // How a variable with this constant value is turned, if it is.
    virtual std::optional<turn> turned_by(const clang::ValueDecl& variable, const clang::Expr* value,
                                          context& at) = 0;

    const rule_info& info_;

private:
    void wrap(const clang::ValueDecl& variable, const clang::Expr& written, const turn& how,
              clang::QualType type, context& at) {
        if (!is_count(type))
            return;
        const std::string name(name_of(&variable));
        at.edit.wrap(info_, written, {name, name, how.evidence, &variable},
                     "::squall::" + how.function + '<' + spelled(type, at.ast) + ">(::@.head, ",
                     how.more + ")");
    }
};

class capacity_rule : public turning_rule {
public:
    using turning_rule::turning_rule;

protected:
    std::optional<turn> turned_by(const clang::ValueDecl& variable, const clang::Expr* value,
                                  context& at) override {
        // What others have declared means what they say.
        if (!at.edit.file_of(variable.getLocation()))
            return std::nullopt;
        if (!value || !is_count(variable.getType()) || !says_limit(name_of(&variable)) ||
            annotation_of(variable, annotations::knob))
            return std::nullopt;
        const auto constant = constant_value(*value, at.ast);
        if (!constant || constant->isMaxValue() || constant->isMaxSignedValue() ||
            llvm::APSInt::compareValues(*constant, llvm::APSInt::get(smallest_limit)) < 0 ||
            llvm::APSInt::compareValues(*constant, llvm::APSInt::get(largest_limit)) > 0)
            return std::nullopt;
        return turn{"capacity", "", "its name says that it limits something, and its value is constant"};
    }
};

class knob_rule : public turning_rule {
public:
    using turning_rule::turning_rule;

protected:
    std::optional<turn> turned_by(const clang::ValueDecl& variable, const clang::Expr*,
                                  context& at) override {
        const clang::AnnotateAttr* annotation = annotation_of(variable, annotations::knob);
        if (!annotation || annotation->args_size() != 2)
            return std::nullopt;
        std::string more;
        for (const clang::Expr* each : annotation->args()) {
            const auto bound = constant_value(*each, at.ast);
            if (!bound)
                return std::nullopt;
            more += ", " + llvm::toString(*bound, 10);
        }
        return turn{"setting", more, "it is annotated as a knob"};
    }
};

}  // namespace

std::unique_ptr<rule> make_capacity_rule(const rule_info& info) {
    return std::make_unique<capacity_rule>(info);
}
std::unique_ptr<rule> make_knob_rule(const rule_info& info) {
    return std::make_unique<knob_rule>(info);
}

}  // namespace squall::rewrite
