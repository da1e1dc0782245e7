// Where in the program the visitor stands.
#ifndef SQUALL_REWRITE_SCOPE_H
#define SQUALL_REWRITE_SCOPE_H

#include <clang/AST/ASTFwd.h>

#include <string>
#include <utility>
#include <vector>

namespace squall::rewrite {

class scope {
public:
    // A function, a lambda, or a variable or member outside of any, whose initialiser may hold code.
    struct frame {
        std::string owner;  // identity, see owner_key()
        std::string name;   // for people
        const clang::FunctionDecl* function = nullptr;
        unsigned lambdas = 0;  // seen so far directly within
    };

    const frame* innermost() const { return frames_.empty() ? nullptr : &frames_.back(); }
    frame* innermost() { return frames_.empty() ? nullptr : &frames_.back(); }
    void push(frame next) { frames_.push_back(std::move(next)); }
    void pop() { frames_.pop_back(); }

    // Why code that stands here never runs, or null if it may: "unevaluated operand" or "constant
    // expression".
    const char* no_site() const {
        if (unevaluated_ > 0)
            return "unevaluated operand";
        if (constant_ > 0)
            return "constant expression";
        return nullptr;
    }

    enum class mark { unevaluated, constant };

    // Marks all that the visitor meets as such while it lives.
    class within {
    public:
        within(scope& where, mark what)
            : counter_(what == mark::unevaluated ? where.unevaluated_ : where.constant_) {
            ++counter_;
        }
        ~within() { --counter_; }
        within(const within&) = delete;
        within& operator=(const within&) = delete;

    private:
        unsigned& counter_;
    };

private:
    std::vector<frame> frames_;
    unsigned unevaluated_ = 0;
    unsigned constant_ = 0;
};

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_SCOPE_H
