// The visitor: keeps the scope and calls the rules. It knows nothing of any one rule.
#include "core/visitor.h"

#include "core/annotations.h"
#include "core/edits.h"
#include "core/identity.h"
#include "core/own_files.h"
#include "core/scope.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/RecursiveASTVisitor.h>
#include <clang/AST/StmtCXX.h>
#include <clang/AST/StmtOpenMP.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/CompilerInstance.h>
#include <llvm/ADT/DenseSet.h>

#include <algorithm>
#include <set>

namespace squall::rewrite {
namespace {

// Qualified, but without the arguments of templates, which a pattern spells in Clang's words and not in the
// user's.
std::string readable_name(const clang::NamedDecl& declaration) {
    std::string name = declaration.getNameAsString();
    if (llvm::isa<clang::CXXConstructorDecl, clang::CXXDestructorDecl>(declaration)) {
        const auto* of = llvm::cast<clang::CXXMethodDecl>(declaration).getParent();
        name = (llvm::isa<clang::CXXDestructorDecl>(declaration) ? "~" : "") + of->getNameAsString();
    }
    for (const clang::DeclContext* around = declaration.getDeclContext(); around;
         around = around->getParent()) {
        const auto* named = llvm::dyn_cast<clang::NamedDecl>(around);
        if (!named)
            continue;
        const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(named);
        if (space && space->isInline())
            continue;
        const std::string outer = named->getNameAsString();
        name.insert(0, (outer.empty() ? space ? "(anonymous namespace)" : "(unnamed)" : outer) + "::");
    }
    return name;
}

class visitor : public clang::RecursiveASTVisitor<visitor> {
    using base = clang::RecursiveASTVisitor<visitor>;

public:
    visitor(clang::ASTContext& ast, const file_set& files, std::span<const rule_info* const> rules,
            const statement_notes& notes, unit_findings& findings)
        : ast_(ast),
          files_(files),
          notes_(notes),
          edits_(ast, files, scope_, findings) {
        for (const rule_info* info : rules)
            rules_.push_back(info->make(*info));
    }

    // Patterns only: what is done to a template must not depend on which instantiations a translation unit
    // makes of it.
    bool shouldVisitTemplateInstantiations() const { return false; }
    bool shouldVisitImplicitCode() const { return false; }

    std::optional<unsigned> file_of(clang::SourceLocation where) { return edits_.file_of(where); }

    // ---- Scopes
    // -------------------------------------------------------------------------------------------------

    bool TraverseDecl(clang::Decl* declaration) {
        // A namespace of ours may hold an #include of what is not ours.
        if (declaration && !llvm::isa<clang::TranslationUnitDecl>(declaration) &&
            declaration->getDeclContext() && declaration->getDeclContext()->isFileContext() &&
            !edits_.file_of(declaration->getLocation()) &&
            !llvm::isa<clang::NamespaceDecl, clang::LinkageSpecDecl>(declaration))
            return true;
        if (declaration && ignored(*declaration))
            return marked(scope::mark::ignored, [&] { return base::TraverseDecl(declaration); });
        return base::TraverseDecl(declaration);
    }
    // [[squall::ignore]]; at the top of a file takes out all of it, whatever stands ahead of it.
    void note_ignored_file(const clang::Decl& declaration) {
        if (llvm::isa<clang::EmptyDecl>(declaration) && annotation_of(declaration, annotations::ignore))
            if (const auto file = edits_.file_of(declaration.getLocation()))
                ignored_files_.insert(*file);
    }
    bool TraverseFunctionDecl(clang::FunctionDecl* f) {
        return in_function(*f, [&] { return base::TraverseFunctionDecl(f); });
    }
    bool TraverseCXXMethodDecl(clang::CXXMethodDecl* f) {
        return in_function(*f, [&] { return base::TraverseCXXMethodDecl(f); });
    }
    bool TraverseCXXConversionDecl(clang::CXXConversionDecl* f) {
        return in_function(*f, [&] { return base::TraverseCXXConversionDecl(f); });
    }
    bool TraverseCXXConstructorDecl(clang::CXXConstructorDecl* f) {
        return in_function(*f, [&] { return base::TraverseCXXConstructorDecl(f); });
    }
    bool TraverseCXXDestructorDecl(clang::CXXDestructorDecl* f) {
        return in_function(*f, [&] { return base::TraverseCXXDestructorDecl(f); });
    }
    bool TraverseLambdaExpr(clang::LambdaExpr* lambda) {
        scope::frame frame{"", "", lambda->getCallOperator(), 0};
        scope::frame* around = scope_.innermost();
        const unsigned ordinal = around ? ++around->lambdas : 0;
        frame.owner = lambda_key(around ? around->owner : file_name(lambda->getBeginLoc()), ordinal);
        frame.name = (around ? around->name : std::string()) + "::(lambda " + std::to_string(ordinal) + ')';
        return inside(std::move(frame), [&] {
            offer_function(*lambda->getCallOperator(), lambda->getBody(), !lambda->hasExplicitResultType());
            return base::TraverseLambdaExpr(lambda);
        });
    }
    bool TraverseVarDecl(clang::VarDecl* variable) {
        if (variable->isConstexpr()) {
            scope::within constant(scope_, scope::mark::constant);
            return in_variable(*variable, [&] { return base::TraverseVarDecl(variable); });
        }
        return in_variable(*variable, [&] { return base::TraverseVarDecl(variable); });
    }
    bool TraverseFieldDecl(clang::FieldDecl* field) {
        return in_variable(*field, [&] { return base::TraverseFieldDecl(field); });
    }

    // Operands that are never evaluated.
    bool TraverseUnaryExprOrTypeTraitExpr(clang::UnaryExprOrTypeTraitExpr* e) {
        return marked(scope::mark::unevaluated, [&] { return base::TraverseUnaryExprOrTypeTraitExpr(e); });
    }
    bool TraverseCXXNoexceptExpr(clang::CXXNoexceptExpr* e) {
        return marked(scope::mark::unevaluated, [&] { return base::TraverseCXXNoexceptExpr(e); });
    }
    bool TraverseCXXTypeidExpr(clang::CXXTypeidExpr* e) {
        return marked(scope::mark::unevaluated, [&] { return base::TraverseCXXTypeidExpr(e); });
    }
    bool TraverseRequiresExpr(clang::RequiresExpr* e) {
        return marked(scope::mark::unevaluated, [&] { return base::TraverseRequiresExpr(e); });
    }
    bool TraverseConceptDecl(clang::ConceptDecl* d) {
        return marked(scope::mark::unevaluated, [&] { return base::TraverseConceptDecl(d); });
    }
    // Constant expressions. What a type holds is one (an array bound, a template argument) or is not
    // evaluated at all (decltype, the operand of a noexcept specification).
    bool TraverseTypeLoc(clang::TypeLoc t) {
        return marked(scope::mark::constant, [&] { return base::TraverseTypeLoc(t); });
    }
    bool TraverseTemplateArgumentLoc(const clang::TemplateArgumentLoc& a) {
        return marked(scope::mark::constant, [&] { return base::TraverseTemplateArgumentLoc(a); });
    }
    bool TraverseConstantExpr(clang::ConstantExpr* e) {
        return marked(scope::mark::constant, [&] { return base::TraverseConstantExpr(e); });
    }
    bool TraverseStaticAssertDecl(clang::StaticAssertDecl* d) {
        return marked(scope::mark::constant, [&] { return base::TraverseStaticAssertDecl(d); });
    }

    // Elements of a braced list, where only constants may be narrowed.
    bool TraverseInitListExpr(clang::InitListExpr* e) {
        return marked(scope::mark::in_list, [&] { return base::TraverseInitListExpr(e); });
    }
    bool TraverseCXXConstructExpr(clang::CXXConstructExpr* e) {
        if (!e->isListInitialization())
            return base::TraverseCXXConstructExpr(e);
        return marked(scope::mark::in_list, [&] { return base::TraverseCXXConstructExpr(e); });
    }
    bool TraverseCXXTemporaryObjectExpr(clang::CXXTemporaryObjectExpr* e) {
        if (!e->isListInitialization())
            return base::TraverseCXXTemporaryObjectExpr(e);
        return marked(scope::mark::in_list, [&] { return base::TraverseCXXTemporaryObjectExpr(e); });
    }

    // ---- What rules may look at
    // ------------------------------------------------------------------------------------

    bool VisitCallExpr(clang::CallExpr* call) { return offer_call(*call); }
    bool VisitCXXConstructExpr(clang::CXXConstructExpr* construction) { return offer_call(*construction); }

    bool VisitCXXNewExpr(clang::CXXNewExpr* allocation) { return offer_call(*allocation); }

    bool VisitCoawaitExpr(clang::CoawaitExpr* await) {
        return await->isImplicit() || offer_await(*await->getOperand());
    }
    bool VisitDependentCoawaitExpr(clang::DependentCoawaitExpr* await) {
        return offer_await(*await->getOperand());
    }

    // A name that is read: with the conversion to another integer type that it has at once.
    bool VisitImplicitCastExpr(clang::ImplicitCastExpr* cast) {
        if (cast->getCastKind() == clang::CK_LValueToRValue) {
            offer_use(*cast, cast->getType());
        } else if (cast->getCastKind() == clang::CK_IntegralCast) {
            const auto* inner = llvm::dyn_cast<clang::ImplicitCastExpr>(cast->getSubExpr());
            if (inner && inner->getCastKind() == clang::CK_LValueToRValue)
                offer_use(*inner, cast->getType());
        }
        return true;
    }

    // Loops that OpenMP takes over: their conditions must stay, and nothing may stand between them.
    bool VisitOMPLoopBasedDirective(clang::OMPLoopBasedDirective* directive) {
        const clang::Stmt* loop = directive->hasAssociatedStmt() ? directive->getRawStmt() : nullptr;
        loop = loop ? loop->IgnoreContainers(/*IgnoreCaptured=*/true) : nullptr;
        for (std::size_t n = directive->getLoopsNumber(); loop && n > 0; --n) {
            const auto* counted = llvm::dyn_cast<clang::ForStmt>(loop);
            const auto* ranged = llvm::dyn_cast<clang::CXXForRangeStmt>(loop);
            if (!counted && !ranged)
                break;
            openmp_loops_[loop] = n == 1;
            loop = (counted ? counted->getBody() : ranged->getBody())->IgnoreContainers();
        }
        return true;
    }

    bool VisitCompoundStmt(clang::CompoundStmt* block) {
        if (!notes_.empty())
            for (const clang::Stmt* each : block->body())
                offer_annotated(*each, true);
        return true;
    }
    // Those in blocks were met at the block.
    bool VisitStmt(clang::Stmt* statement) {
        if (!notes_.empty())
            offer_annotated(*statement, false);
        return true;
    }

    bool VisitVarDecl(clang::VarDecl* variable) {
        if (!llvm::isa<clang::ParmVarDecl>(variable) && !variable->isCXXForRangeDecl() &&
            !variable->isImplicit())
            offer_value(*variable, variable->getInit());
        return true;
    }
    bool VisitFieldDecl(clang::FieldDecl* field) {
        if (field->hasInClassInitializer())
            offer_value(*field, field->getInClassInitializer());
        return true;
    }
    bool TraverseConstructorInitializer(clang::CXXCtorInitializer* initializer) {
        if (initializer->isWritten() && initializer->getMember())
            offer_value(*initializer->getMember(), initializer->getInit());
        return base::TraverseConstructorInitializer(initializer);
    }
    bool VisitBinaryOperator(clang::BinaryOperator* operation) {
        if (operation->getOpcode() != clang::BO_Assign)
            return true;
        const clang::Expr* target = operation->getLHS()->IgnoreParenImpCasts();
        if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(target))
            offer_value(*reference->getDecl(), operation->getRHS());
        else if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(target))
            offer_value(*member->getMemberDecl(), operation->getRHS());
        return true;
    }

    bool VisitIfStmt(clang::IfStmt* statement) {
        // Not a branch of the program as it runs.
        if (statement->isConsteval() || statement->isConstexpr())
            return true;
        const bool extendable = !statement->hasVarStorage();
        offer_branch(branch_view::kind::then_branch, *statement, statement->getThen(),
                     extendable ? statement->getCond() : nullptr);
        const clang::Stmt* otherwise = statement->getElse();
        if (otherwise && !llvm::isa<clang::IfStmt>(otherwise))
            offer_branch(branch_view::kind::else_branch, *statement, otherwise, nullptr);
        return true;
    }
    bool VisitWhileStmt(clang::WhileStmt* loop) {
        return offer_branch(branch_view::kind::loop_body, *loop, loop->getBody(),
                            loop->hasVarStorage() ? nullptr : loop->getCond());
    }
    bool VisitDoStmt(clang::DoStmt* loop) {
        return offer_branch(branch_view::kind::loop_body, *loop, loop->getBody(), nullptr);
    }
    bool VisitForStmt(clang::ForStmt* loop) {
        return offer_branch(branch_view::kind::loop_body, *loop, loop->getBody(),
                            loop->getConditionVariable() ? nullptr : loop->getCond());
    }
    bool VisitCXXForRangeStmt(clang::CXXForRangeStmt* loop) {
        return offer_branch(branch_view::kind::loop_body, *loop, loop->getBody(), nullptr);
    }
    bool VisitCXXCatchStmt(clang::CXXCatchStmt* handler) {
        return offer_branch(branch_view::kind::handler, *handler, handler->getHandlerBlock(), nullptr);
    }
    bool VisitSwitchCase(clang::SwitchCase* label) {
        // Never between two labels.
        if (label->getSubStmt() && !llvm::isa<clang::SwitchCase>(label->getSubStmt()))
            offer_branch(branch_view::kind::case_body, *label, label->getSubStmt(), nullptr);
        return true;
    }

private:
    template <class Walk>
    bool inside(scope::frame frame, Walk walk) {
        scope_.push(std::move(frame));
        const bool go_on = walk();
        scope_.pop();
        return go_on;
    }
    template <class Walk>
    bool marked(scope::mark what, Walk walk) {
        scope::within mark(scope_, what);
        return walk();
    }
    template <class Walk>
    bool in_function(clang::FunctionDecl& f, Walk walk) {
        const scope::frame frame{owner_key(f, file_name(f.getLocation())), readable_name(f), &f, 0};
        auto within = [&] {
            return inside(frame, [&] {
                if (f.doesThisDeclarationHaveABody())
                    offer_function(f, f.getBody(), f.getReturnType()->getContainedDeducedType());
                return walk();
            });
        };
        return f.isConsteval() ? marked(scope::mark::constant, within) : within();
    }
    // Local ones belong to their function.
    template <class Walk>
    bool in_variable(clang::DeclaratorDecl& variable, Walk walk) {
        if (scope_.innermost() && variable.getDeclContext()->isFunctionOrMethod())
            return walk();
        return inside(
            {owner_key(variable, file_name(variable.getLocation())), readable_name(variable), nullptr, 0},
            walk);
    }

    std::string file_name(clang::SourceLocation where) {
        const auto file = edits_.file_of(where);
        return file ? files_.path(*file) : std::string();
    }

    template <class Call>
    void for_each_rule(Call call) {
        context about{scope_, edits_, ast_};
        for (const auto& each : rules_)
            call(*each, about);
    }
    void offer_function(const clang::FunctionDecl& f, const clang::Stmt* body, bool deduced) {
        if (!body || f.isImplicit() || f.isDefaulted() || f.isDeleted() || f.hasAttr<clang::NakedAttr>())
            return;
        if (!edits_.file_of(f.getLocation()))
            return;
        // Until C++14, a constexpr function is one return.
        if (f.isConstexpr() && !ast_.getLangOpts().CPlusPlus14)
            return;
        const auto* coroutine = llvm::dyn_cast<clang::CoroutineBodyStmt>(body);
        if (coroutine)
            body = coroutine->getBody();
        if (const auto* attempt = llvm::dyn_cast<clang::CXXTryStmt>(body))
            body = attempt->getTryBlock();
        if (const auto* block = llvm::dyn_cast<clang::CompoundStmt>(body))
            for_each_rule([&](rule& each, context& about) {
                each.function({f, *block, coroutine != nullptr, deduced}, about);
            });
    }
    bool offer_call(const clang::Expr& call) {
        if (edits_.file_of(call.getBeginLoc()))
            for_each_rule([&](rule& each, context& about) { each.call(call, about); });
        return true;
    }
    void offer_value(const clang::ValueDecl& variable, const clang::Expr* value) {
        // int n{1} and int n(1) are 1.
        if (const auto* list = llvm::dyn_cast_or_null<clang::InitListExpr>(value))
            value = list->getNumInits() == 1 ? list->getInit(0) : nullptr;
        if (const auto* list = llvm::dyn_cast_or_null<clang::ParenListExpr>(value))
            value = list->getNumExprs() == 1 ? list->getExpr(0) : nullptr;
        if (value && edits_.file_of(value->getBeginLoc()))
            for_each_rule([&](rule& each, context& about) { each.value(variable, *value, about); });
    }
    bool offer_await(const clang::Expr& operand) {
        const clang::Expr& written = *operand.IgnoreUnlessSpelledInSource();
        if (edits_.file_of(written.getBeginLoc()))
            for_each_rule([&](rule& each, context& about) { each.await({written}, about); });
        return true;
    }
    void offer_use(const clang::ImplicitCastExpr& read, clang::QualType becomes) {
        const clang::Expr& written = *read.getSubExpr();
        const clang::Expr* inner = written.IgnoreParens();
        const clang::ValueDecl* variable = nullptr;
        if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(inner))
            variable = reference->getDecl();
        else if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(inner))
            variable = member->getMemberDecl();
        // Once, with the outermost conversion, which is visited first.
        if (!variable || !read_.insert(&read).second || !edits_.file_of(written.getBeginLoc()))
            return;
        for_each_rule([&](rule& each, context& about) { each.use({*variable, written, becomes}, about); });
    }
    void offer_annotated(const clang::Stmt& statement, bool in_block) {
        const statement_note* note = notes_.find(statement);
        if (!note || !annotated_.insert(&statement).second)
            return;
        for_each_rule([&](rule& each, context& about) {
            in_block ? each.annotated(statement, *note, about)
                     : each.annotated_elsewhere(statement, *note, about);
        });
    }
    bool ignored(const clang::Decl& declaration) {
        // Of a namespace, this block alone.
        if (llvm::isa<clang::NamespaceDecl>(declaration)
                ? std::ranges::any_of(declaration.specific_attrs<clang::AnnotateAttr>(),
                                      [](const clang::AnnotateAttr* each) {
                                          return each->getAnnotation() == annotations::ignore;
                                      })
                : annotation_of(declaration, annotations::ignore) != nullptr)
            return true;
        if (declaration.getLexicalDeclContext() && declaration.getLexicalDeclContext()->isTranslationUnit() &&
            !ignored_files_.empty())
            if (const auto file = edits_.file_of(declaration.getLocation());
                file && ignored_files_.contains(*file))
                return true;
        // What stands outside of its class belongs to it all the same.
        if (declaration.getDeclContext() != declaration.getLexicalDeclContext())
            for (const clang::DeclContext* around = declaration.getDeclContext(); around;
                 around = around->getParent())
                if (const auto* record = llvm::dyn_cast<clang::CXXRecordDecl>(around);
                    record && annotation_of(*record, annotations::ignore))
                    return true;
        return false;
    }
    bool offer_branch(branch_view::kind what, const clang::Stmt& statement, const clang::Stmt* body,
                      const clang::Expr* condition) {
        if (const auto taken = openmp_loops_.find(&statement); taken != openmp_loops_.end()) {
            if (!taken->second)
                return true;
            condition = nullptr;
        }
        if (body && edits_.file_of(statement.getBeginLoc()))
            for_each_rule(
                [&](rule& each, context& about) { each.branch({what, statement, *body, condition}, about); });
        return true;
    }

    clang::ASTContext& ast_;
    const file_set& files_;
    const statement_notes& notes_;
    scope scope_;
    edits edits_;
    std::vector<std::unique_ptr<rule>> rules_;
    std::set<unsigned> ignored_files_;
    // Looked up only, never walked.
    llvm::DenseSet<const clang::Stmt*> read_;
    llvm::DenseSet<const clang::Stmt*> annotated_;
    llvm::DenseMap<const clang::Stmt*, bool> openmp_loops_;  // whether it is the innermost of its directive
};

class consumer : public clang::ASTConsumer, public statement_notes {
public:
    consumer(clang::CompilerInstance& compiler, const file_set& files,
             std::span<const rule_info* const> rules, unit_findings& findings)
        : compiler_(compiler),
          files_(files),
          rules_(rules),
          findings_(findings) {}

    bool HandleTopLevelDecl(clang::DeclGroupRef group) override {
        for (clang::Decl* declaration : group) {
            if (!ours(declaration->getLocation()))
                continue;
            // Sema hands over instantiations here as well.
            if (const auto* f = llvm::dyn_cast<clang::FunctionDecl>(declaration);
                f && f->isTemplateInstantiation())
                continue;
            if (const auto* v = llvm::dyn_cast<clang::VarDecl>(declaration);
                v && clang::isTemplateInstantiation(v->getTemplateSpecializationKind()))
                continue;
            declarations_.push_back(declaration);
        }
        return true;
    }

    bool shouldSkipFunctionBody(clang::Decl* declaration) override {
        return !ours(declaration->getLocation());
    }

    void HandleTranslationUnit(clang::ASTContext& ast) override {
        if (compiler_.getDiagnostics().hasUncompilableErrorOccurred())
            return;
        note_files(findings_.entered);
        // What is also C cannot take C++: the files are noted to be left alone.
        // Nor can the hooks be read as C++98.
        if (!ast.getLangOpts().CPlusPlus11)
            return note_files(findings_.c_files);
        visitor walk(ast, files_, rules_, *this, findings_);
        for (const clang::Decl* declaration : declarations_)
            walk.note_ignored_file(*declaration);
        for (clang::Decl* declaration : declarations_) {
            const std::size_t before = findings_.sites.size();
            walk.TraverseDecl(declaration);
            const auto file = walk.file_of(declaration->getLocation());
            for (std::size_t i = before; i < findings_.sites.size(); ++i)
                if (findings_.sites[i].at.file != file)
                    findings_.enclosed.insert(findings_.sites[i].at.file);
        }
    }

private:
    bool ours(clang::SourceLocation where) { return own_.have(compiler_.getSourceManager(), where); }
    void note_files(std::set<unsigned>& noted) {
        const clang::SourceManager& sources = compiler_.getSourceManager();
        for (auto it = sources.fileinfo_begin(); it != sources.fileinfo_end(); ++it)
            if (auto file = files_.find(it->first.getUniqueID()))
                noted.insert(*file);
    }

    clang::CompilerInstance& compiler_;
    const file_set& files_;
    std::span<const rule_info* const> rules_;
    unit_findings& findings_;
    std::vector<clang::Decl*> declarations_;
    own_files own_{files_};
};

}  // namespace

std::unique_ptr<clang::ASTConsumer> make_consumer(clang::CompilerInstance& compiler, const file_set& files,
                                                  std::span<const rule_info* const> rules,
                                                  unit_findings& findings) {
    return std::make_unique<consumer>(compiler, files, rules, findings);
}

}  // namespace squall::rewrite
