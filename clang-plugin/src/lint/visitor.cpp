// Calls, constructions, loops and types that the checks name.
#include "lint/visitor.h"

#include "core/own_files.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/RecursiveASTVisitor.h>
#include <clang/AST/StmtCXX.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Lex/Lexer.h>

namespace squall::rewrite {
namespace {

// Without inline namespaces and template arguments: as the documentation of the library says it.
std::string documented_name(const clang::NamedDecl& declaration) {
    std::string name = declaration.getNameAsString();
    for (const clang::DeclContext* around = declaration.getDeclContext(); around;
         around = around->getParent()) {
        const auto* named = llvm::dyn_cast<clang::NamedDecl>(around);
        if (!named || named->getNameAsString().empty())
            continue;
        if (const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(named); space && space->isInline())
            continue;
        name.insert(0, named->getNameAsString() + "::");
    }
    // One of libstdc++'s own ways to say std::filesystem.
    return name;
}

// The template or class that a type names, dependent or not.
const clang::NamedDecl* class_of(clang::QualType type) {
    type = type.getNonReferenceType();
    if (const auto* record = type->getAsCXXRecordDecl())
        return record;
    if (const auto* special = type->getAs<clang::TemplateSpecializationType>())
        return special->getTemplateName().getAsTemplateDecl();
    return nullptr;
}

class visitor : public clang::RecursiveASTVisitor<visitor> {
    using base = clang::RecursiveASTVisitor<visitor>;

public:
    visitor(clang::ASTContext& ast, const file_set& files, std::set<finding>& findings)
        : ast_(ast),
          files_(files),
          findings_(findings) {}

    bool shouldVisitTemplateInstantiations() const { return false; }
    bool shouldVisitImplicitCode() const { return false; }

    // What is not evaluated does nothing.
    bool TraverseUnaryExprOrTypeTraitExpr(clang::UnaryExprOrTypeTraitExpr*) { return true; }
    bool TraverseCXXNoexceptExpr(clang::CXXNoexceptExpr*) { return true; }
    bool TraverseDecltypeTypeLoc(clang::DecltypeTypeLoc) { return true; }
    bool TraverseRequiresExpr(clang::RequiresExpr*) { return true; }
    bool TraverseConceptDecl(clang::ConceptDecl*) { return true; }

    bool VisitCallExpr(clang::CallExpr* call) {
        const clang::FunctionDecl* callee = call->getDirectCallee();
        if (!callee)
            return true;
        const std::string name = documented_name(*callee);
        // An overload set of ours may have one of C's names.
        const bool global = name.find("::") == std::string::npos;
        if (global && (!callee->isExternC() || files_of(callee->getLocation())))
            return true;
        if (const lint_check* check = forbids_call(name);
            check && !(name == "std::random_shuffle" && call->getNumArgs() > 2))
            tell(call->getExprLoc(), *check, "call of '" + name + "'");
        else
            ordered_algorithm(*call, name);
        return true;
    }

    bool VisitCXXConstructExpr(clang::CXXConstructExpr* construction) {
        const clang::CXXConstructorDecl* constructor = construction->getConstructor();
        if (constructor->isCopyOrMoveConstructor())
            return true;
        const std::string name = documented_name(*constructor->getParent());
        const lint_check* check = forbids_class(name);
        if (!check)
            return true;
        // A thread, file or stream that nothing was given to does nothing yet.
        const bool given =
            construction->getNumArgs() > 0 && !llvm::isa<clang::CXXDefaultArgExpr>(construction->getArg(0));
        const bool idle =
            !given && (name.ends_with("thread") || name.ends_with("stream") || name.ends_with("iterator"));
        if (!idle)
            tell(construction->getLocation(), *check, "a '" + name + "'");
        return true;
    }
    bool VisitCXXMemberCallExpr(clang::CXXMemberCallExpr* call) {
        const clang::CXXMethodDecl* method = call->getMethodDecl();
        if (!method || !method->getIdentifier())
            return true;
        const std::string of = documented_name(*method->getParent());
        if (method->getName() == "open")
            if (const lint_check* check = forbids_class(of); check && check->name == "file")
                tell(call->getExprLoc(), *check, "'" + of + "::open'");
        if (method->getName() == "begin" || method->getName() == "cbegin")
            if (is_unordered(of))
                unordered(call->getExprLoc(), of);
        return true;
    }
    bool VisitCXXForRangeStmt(clang::CXXForRangeStmt* loop) {
        const clang::Expr* range = loop->getRangeInit();
        if (!range)
            return true;
        if (const clang::NamedDecl* container = class_of(range->getType()))
            if (const std::string name = documented_name(*container); is_unordered(name))
                unordered(range->getExprLoc(), name);
        return true;
    }

    bool VisitTemplateSpecializationTypeLoc(clang::TemplateSpecializationTypeLoc type) {
        const auto* record = llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(
            type.getType()->getAsCXXRecordDecl());
        if (!record)
            return true;
        const std::string name = documented_name(*record);
        unsigned order = 0;
        if (name == "std::set" || name == "std::multiset")
            order = 1;
        else if (name == "std::map" || name == "std::multimap" || name == "std::priority_queue")
            order = 2;
        const clang::TemplateArgumentList& arguments = record->getTemplateArgs();
        if (order == 0 || arguments.size() <= order)
            return true;
        const clang::TemplateArgument& key = arguments[0];
        const clang::TemplateArgument& comparison = arguments[order];
        if (key.getKind() != clang::TemplateArgument::Type ||
            comparison.getKind() != clang::TemplateArgument::Type || !key.getAsType()->isPointerType())
            return true;
        const clang::NamedDecl* by = class_of(comparison.getAsType());
        const std::string comparing = by ? documented_name(*by) : std::string();
        if (comparing == "std::less" || comparing == "std::greater")
            tell(type.getTemplateNameLoc(), check_named("pointer-order"),
                 "a '" + name + "' with pointers as keys");
        return true;
    }

    bool VisitCastExpr(clang::CastExpr* cast) {
        if (cast->getCastKind() == clang::CK_PointerToIntegral && !cast->getType()->isBooleanType())
            tell(cast->getExprLoc(), check_named("address"), "a pointer cast to an integer");
        return true;
    }
    bool VisitCXXOperatorCallExpr(clang::CXXOperatorCallExpr* call) {
        if (call->getOperator() != clang::OO_LessLess || call->getNumArgs() != 2)
            return true;
        const clang::FunctionDecl* callee = call->getDirectCallee();
        if (!callee || callee->getNumParams() == 0)
            return true;
        const clang::QualType printed = callee->getParamDecl(callee->getNumParams() - 1)->getType();
        if (printed->isVoidPointerType() && documented_name(*callee).starts_with("std::basic_ostream"))
            tell(call->getOperatorLoc(), check_named("address"), "an address printed");
        return true;
    }

private:
    std::optional<unsigned> files_of(clang::SourceLocation where) const {
        finding found;
        if (place_finding(ast_.getSourceManager(), ast_.getLangOpts(), files_, where, found))
            return found.file;
        return std::nullopt;
    }
    void tell(clang::SourceLocation where, const lint_check& check, const std::string& what) {
        finding found;
        if (!place_finding(ast_.getSourceManager(), ast_.getLangOpts(), files_, where, found))
            return;
        found.check = &check;
        found.message = what + ": " + std::string(check.advice);
        findings_.insert(std::move(found));
    }
    void unordered(clang::SourceLocation where, const std::string& container) {
        tell(where, check_named("unordered-iteration"), "iteration over a '" + container + "'");
    }
    // Pointers compared by what the algorithm does unless told otherwise.
    void ordered_algorithm(const clang::CallExpr& call, const std::string& name) {
        if ((name != "std::sort" && name != "std::stable_sort" && name != "std::min_element" &&
             name != "std::max_element") ||
            call.getNumArgs() != 2)
            return;
        const clang::QualType iterator = call.getArg(0)->getType().getNonReferenceType();
        clang::QualType element;
        if (iterator->isPointerType())
            element = iterator->getPointeeType();
        else if (const auto* special = llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(
                     iterator->getAsCXXRecordDecl());
                 special && special->getTemplateArgs().size() > 0 &&
                 special->getTemplateArgs()[0].getKind() == clang::TemplateArgument::Type &&
                 special->getTemplateArgs()[0].getAsType()->isPointerType())
            element = special->getTemplateArgs()[0].getAsType()->getPointeeType();
        if (!element.isNull() && element->isPointerType())
            tell(call.getExprLoc(), check_named("pointer-order"), "'" + name + "' of pointers");
    }

    clang::ASTContext& ast_;
    const file_set& files_;
    std::set<finding>& findings_;
};

class consumer : public clang::ASTConsumer {
public:
    consumer(clang::CompilerInstance& compiler, const file_set& files, std::set<finding>& findings)
        : compiler_(compiler),
          files_(files),
          findings_(findings) {}

    bool HandleTopLevelDecl(clang::DeclGroupRef group) override {
        for (clang::Decl* declaration : group)
            if (ours(declaration->getLocation()) || llvm::isa<clang::LinkageSpecDecl>(declaration))
                declarations_.push_back(declaration);
        return true;
    }
    bool shouldSkipFunctionBody(clang::Decl* declaration) override {
        return !ours(declaration->getLocation());
    }
    void HandleTranslationUnit(clang::ASTContext& ast) override {
        if (compiler_.getDiagnostics().hasUncompilableErrorOccurred())
            return;
        visitor walk(ast, files_, findings_);
        for (clang::Decl* declaration : declarations_)
            walk.TraverseDecl(declaration);
    }

private:
    bool ours(clang::SourceLocation where) { return own_.have(compiler_.getSourceManager(), where); }

    clang::CompilerInstance& compiler_;
    const file_set& files_;
    std::set<finding>& findings_;
    std::vector<clang::Decl*> declarations_;
    own_files own_{files_};
};

}  // namespace

bool place_finding(const clang::SourceManager& sources, const clang::LangOptions& language,
                   const file_set& files, clang::SourceLocation where, finding& found) {
    if (where.isInvalid())
        return false;
    where = sources.getExpansionLoc(where);
    const auto entry = sources.getFileEntryRefForID(sources.getFileID(where));
    const auto file = entry ? files.find(entry->getUniqueID()) : std::nullopt;
    if (!file)
        return false;
    found.file = *file;
    found.line = sources.getSpellingLineNumber(where);
    found.column = sources.getSpellingColumnNumber(where);
    found.length = std::max(1u, clang::Lexer::MeasureTokenLength(where, sources, language));
    return true;
}

std::unique_ptr<clang::ASTConsumer> make_lint_consumer(clang::CompilerInstance& compiler,
                                                       const file_set& files, std::set<finding>& findings) {
    return std::make_unique<consumer>(compiler, files, findings);
}

}  // namespace squall::rewrite
