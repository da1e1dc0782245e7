// Registers the attributes with Clang, so that misuse is an error of the parse with a place.
//
// On a declaration each becomes the annotation that rules look for. On a statement Clang 19 asks a plugin's
// attribute only whether it fits; the answer is no in silence, and the consumer is told aside.
#include "driver/attributes.h"

#include "core/annotations.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/Stmt.h>
#include <clang/Basic/ParsedAttrInfo.h>
#include <clang/Sema/Initialization.h>
#include <clang/Sema/ParsedAttr.h>
#include <clang/Sema/Sema.h>

namespace squall::rewrite {
namespace {

using handling = clang::ParsedAttrInfo::AttrHandling;

handling wrong(clang::Sema& sema, clang::SourceLocation where, const std::string& message) {
    clang::DiagnosticsEngine& diagnostics = sema.getDiagnostics();
    diagnostics.Report(where,
                       diagnostics.getDiagnosticIDs()->getCustomDiagID(clang::DiagnosticIDs::Error, message));
    return clang::ParsedAttrInfo::AttributeNotApplied;
}

// The arguments; an identifier alone is none that has a value.
std::optional<std::vector<clang::Expr*>> arguments_of(const clang::ParsedAttr& attribute) {
    std::vector<clang::Expr*> all;
    for (unsigned i = 0; i < attribute.getNumArgs(); ++i) {
        if (!attribute.isArgExpr(i))
            return std::nullopt;
        all.push_back(attribute.getArgAsExpr(i));
    }
    return all;
}

std::string string_of(const clang::ParsedAttr& attribute) {
    const auto arguments = arguments_of(attribute);
    if (!arguments || arguments->size() != 1)
        return {};
    const auto* literal = llvm::dyn_cast<clang::StringLiteral>(arguments->front()->IgnoreParenImpCasts());
    return literal && literal->isOrdinary() ? literal->getString().str() : std::string();
}

// What all have in common: spelling, and that they may have arguments.
struct annotation_info : clang::ParsedAttrInfo {
    annotation_info(const char* name, unsigned least, unsigned most) : name_(name) {
        spelling_[0] = {clang::ParsedAttr::AS_CXX11, name};
        // Whether its arguments are read, and __has_cpp_attribute, go by the name without the scope.
        spelling_[1] = {clang::ParsedAttr::AS_CXX11, name + sizeof("squall::") - 1};
        Spellings = spelling_;
        NumArgs = least;
        OptArgs = most - least;
        IsStmt = 1;
    }

    handling handleDeclAttribute(clang::Sema& sema, clang::Decl* declaration,
                                 const clang::ParsedAttr& attribute) const final {
        return ours(attribute) ? on_declaration(sema, declaration, attribute) : AttributeNotApplied;
    }
    bool diagAppertainsToStmt(clang::Sema& sema, const clang::ParsedAttr& attribute,
                              const clang::Stmt* statement) const final {
        if (ours(attribute))
            on_statement(sema, attribute, *statement);
        return false;
    }

protected:
    virtual handling on_declaration(clang::Sema& sema, clang::Decl* declaration,
                                    const clang::ParsedAttr& attribute) const = 0;
    virtual void on_statement(clang::Sema& sema, const clang::ParsedAttr& attribute,
                              const clang::Stmt& statement) const = 0;

    static bool ours(const clang::ParsedAttr& attribute) {
        return attribute.hasScope() && attribute.getScopeName()->isStr("squall");
    }
    std::string quoted() const { return "'" + std::string(name_) + "'"; }
    handling apply(clang::Sema& sema, clang::Decl* to, const clang::ParsedAttr& attribute,
                   std::vector<clang::Expr*> arguments = {}) const {
        to->addAttr(clang::AnnotateAttr::Create(sema.Context, name_, arguments.data(),
                                                static_cast<unsigned>(arguments.size()),
                                                attribute.getRange()));
        return AttributeApplied;
    }
    // A rule may have the statement; a parse for something else has no notes.
    static statement_note* note_of(clang::Sema& sema, const clang::Stmt& statement) {
        auto* notes = dynamic_cast<statement_notes*>(&sema.getASTConsumer());
        return notes ? &notes->at(statement) : nullptr;
    }
    void not_on_statements(clang::Sema& sema, const clang::ParsedAttr& attribute, const char* on) const {
        wrong(sema, attribute.getLoc(), quoted() + " belongs on " + on + ", not on a statement");
    }

    const char* name_;

private:
    Spelling spelling_[2];
};

struct fallible : annotation_info {
    fallible() : annotation_info(annotations::fallible, 0, 1) {}
    handling on_declaration(clang::Sema& sema, clang::Decl* declaration,
                            const clang::ParsedAttr& attribute) const override {
        const clang::FunctionDecl* function = declaration->getAsFunction();
        if (!function)
            return wrong(sema, attribute.getLoc(), quoted() + " belongs on a function");
        if (llvm::isa<clang::CXXConstructorDecl, clang::CXXDestructorDecl, clang::CXXConversionDecl>(
                function))
            return wrong(sema, attribute.getLoc(),
                         quoted() + " means nothing on a constructor, destructor or conversion");
        auto arguments = arguments_of(attribute);
        if (!arguments || arguments->size() > 1)
            return wrong(sema, attribute.getLoc(),
                         quoted() + " takes nothing or the value that the function returns when it fails");
        const clang::QualType type = function->getReturnType();
        const bool plain =
            !type->isDependentType() && !type->getContainedDeducedType() &&
            !llvm::isa_and_nonnull<clang::ClassTemplateSpecializationDecl>(type->getAsCXXRecordDecl());
        if (arguments->size() == 1 && type->isVoidType())
            return wrong(sema, attribute.getLoc(), quoted() + " has a value, and the function returns none");
        if (arguments->size() == 1 && plain && !arguments->front()->isTypeDependent()) {
            const auto entity = clang::InitializedEntity::InitializeResult(attribute.getLoc(), type);
            if (sema.PerformCopyInitialization(entity, attribute.getLoc(), arguments->front()).isInvalid())
                return AttributeNotApplied;  // which it has said
        }
        return apply(sema, declaration, attribute, std::move(*arguments));
    }
    void on_statement(clang::Sema& sema, const clang::ParsedAttr& attribute,
                      const clang::Stmt&) const override {
        not_on_statements(sema, attribute, "a function");
    }
};

struct knob : annotation_info {
    knob() : annotation_info(annotations::knob, 2, 2) {}
    handling on_declaration(clang::Sema& sema, clang::Decl* declaration,
                            const clang::ParsedAttr& attribute) const override {
        const auto* variable = llvm::dyn_cast<clang::ValueDecl>(declaration);
        if (!variable || !llvm::isa<clang::VarDecl, clang::FieldDecl>(declaration) ||
            llvm::isa<clang::ParmVarDecl>(declaration))
            return wrong(sema, attribute.getLoc(), quoted() + " belongs on a variable or a member");
        const clang::QualType type = variable->getType();
        if (!type->isDependentType() &&
            (!type->isIntegerType() || type->isBooleanType() || type->isEnumeralType()))
            return wrong(sema, attribute.getLoc(), quoted() + " turns integers only");
        auto arguments = arguments_of(attribute);
        std::vector<llvm::APSInt> values;
        for (const clang::Expr* each : arguments ? *arguments : std::vector<clang::Expr*>()) {
            clang::Expr::EvalResult result;
            if (!each->isValueDependent() && each->EvaluateAsInt(result, sema.Context))
                values.push_back(result.Val.getInt());
        }
        if (values.size() != 2 || llvm::APSInt::compareValues(values[0], values[1]) > 0)
            return wrong(sema, attribute.getLoc(),
                         quoted() + " takes the lowest and the highest value, two integer constants");
        if (!type->isDependentType())
            for (const llvm::APSInt& each : values) {
                const unsigned bits = sema.Context.getIntWidth(type);
                const bool has_sign = type->isSignedIntegerType();
                if ((!has_sign && each.isNegative()) ||
                    (each.isNegative() ? each.getSignificantBits() > bits
                                       : each.getActiveBits() > (has_sign ? bits - 1 : bits)))
                    return wrong(sema, attribute.getLoc(),
                                 quoted() + " has a value that the variable's type has not");
            }
        return apply(sema, declaration, attribute, std::move(*arguments));
    }
    void on_statement(clang::Sema& sema, const clang::ParsedAttr& attribute,
                      const clang::Stmt&) const override {
        not_on_statements(sema, attribute, "a variable or a member");
    }
};

struct skip_statement : annotation_info {
    skip_statement() : annotation_info(annotations::skip, 0, 0) {}
    handling on_declaration(clang::Sema& sema, clang::Decl*,
                            const clang::ParsedAttr& attribute) const override {
        return wrong(sema, attribute.getLoc(),
                     quoted() + " belongs on a statement that may be left out, not on a declaration");
    }
    void on_statement(clang::Sema& sema, const clang::ParsedAttr& attribute,
                      const clang::Stmt& statement) const override {
        // What cannot be left out: control would go elsewhere, or a label would hang in the air.
        if (llvm::isa<clang::ReturnStmt, clang::CoreturnStmt, clang::BreakStmt, clang::ContinueStmt,
                      clang::GotoStmt, clang::LabelStmt, clang::SwitchCase, clang::NullStmt, clang::DeclStmt>(
                statement))
            wrong(sema, attribute.getLoc(),
                  quoted() + " belongs on an expression or a block that may be left out, not on this");
        else if (attribute.getNumArgs() != 0)
            wrong(sema, attribute.getLoc(), quoted() + " takes no argument");
        else if (statement_note* note = note_of(sema, statement))
            note->skip = true;
    }
};

struct delay : annotation_info {
    delay() : annotation_info(annotations::delay, 0, 0) {}
    handling on_declaration(clang::Sema& sema, clang::Decl* declaration,
                            const clang::ParsedAttr& attribute) const override {
        if (!declaration->getAsFunction())
            return wrong(sema, attribute.getLoc(), quoted() + " belongs on a function or a statement");
        if (attribute.getNumArgs() != 0)
            return wrong(sema, attribute.getLoc(), quoted() + " takes no argument");
        return apply(sema, declaration, attribute);
    }
    void on_statement(clang::Sema& sema, const clang::ParsedAttr& attribute,
                      const clang::Stmt& statement) const override {
        if (attribute.getNumArgs() != 0)
            wrong(sema, attribute.getLoc(), quoted() + " takes no argument");
        else if (statement_note* note = note_of(sema, statement))
            note->delay = true;
    }
};

struct sometimes : annotation_info {
    sometimes() : annotation_info(annotations::sometimes, 1, 1) {}
    handling on_declaration(clang::Sema& sema, clang::Decl* declaration,
                            const clang::ParsedAttr& attribute) const override {
        if (!declaration->getAsFunction())
            return wrong(sema, attribute.getLoc(), quoted() + " belongs on a function or a statement");
        if (string_of(attribute).empty())
            return wrong(sema, attribute.getLoc(), needs_name());
        return apply(sema, declaration, attribute, {attribute.getArgAsExpr(0)});
    }
    void on_statement(clang::Sema& sema, const clang::ParsedAttr& attribute,
                      const clang::Stmt& statement) const override {
        const std::string name = string_of(attribute);
        if (name.empty())
            wrong(sema, attribute.getLoc(), needs_name());
        else if (statement_note* note = note_of(sema, statement))
            note->sometimes = name;
    }

private:
    std::string needs_name() const {
        return quoted() + " takes a name, as in [[squall::sometimes(\"log is full\")]]";
    }
};

struct ignore : annotation_info {
    ignore() : annotation_info(annotations::ignore, 0, 0) {}
    handling on_declaration(clang::Sema& sema, clang::Decl* declaration,
                            const clang::ParsedAttr& attribute) const override {
        const bool file =
            llvm::isa<clang::EmptyDecl>(declaration) && declaration->getDeclContext()->isTranslationUnit();
        if (!file && !declaration->getAsFunction() &&
            !llvm::isa<clang::RecordDecl, clang::NamespaceDecl, clang::VarDecl, clang::FieldDecl>(
                declaration))
            return wrong(sema, attribute.getLoc(),
                         quoted() +
                             " belongs on a function, class, namespace or variable, or stands alone at the "
                             "top of a file");
        if (attribute.getNumArgs() != 0)
            return wrong(sema, attribute.getLoc(), quoted() + " takes no argument");
        return apply(sema, declaration, attribute);
    }
    void on_statement(clang::Sema& sema, const clang::ParsedAttr& attribute,
                      const clang::Stmt&) const override {
        not_on_statements(sema, attribute, "a function, class or namespace");
    }
};

}  // namespace

void register_attributes() {
    using registry = clang::ParsedAttrInfoRegistry;
    static const registry::Add<fallible> fallible_added("squall_fallible", "");
    static const registry::Add<knob> knob_added("squall_knob", "");
    static const registry::Add<skip_statement> skip_added("squall_skip", "");
    static const registry::Add<delay> delay_added("squall_delay", "");
    static const registry::Add<sometimes> sometimes_added("squall_sometimes", "");
    static const registry::Add<ignore> ignore_added("squall_ignore", "");
}

}  // namespace squall::rewrite
