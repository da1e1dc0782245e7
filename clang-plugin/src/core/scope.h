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

    // Why no site may stand here, or null if one may: code that never runs, or that an annotation takes out.
    const char* no_site() const {
        if (unevaluated_ > 0)
            return "unevaluated operand";
        if (constant_ > 0)
            return "constant expression";
        if (ignored_ > 0)
            return "annotated to be ignored";
        return nullptr;
    }

    // Whether the innermost expression is an element of a braced list, where only constants may be narrowed.
    bool in_list() const { return in_list_ > 0; }

    enum class mark { unevaluated, constant, ignored, in_list };

    // Marks all that the visitor meets as such while it lives.
    class within {
    public:
        within(scope& where, mark what) : counter_(where.counter_of(what)) { ++counter_; }
        ~within() { --counter_; }
        within(const within&) = delete;
        within& operator=(const within&) = delete;

    private:
        unsigned& counter_;
    };

private:
    unsigned& counter_of(mark what) {
        switch (what) {
            case mark::unevaluated:
                return unevaluated_;
            case mark::constant:
                return constant_;
            case mark::ignored:
                return ignored_;
            case mark::in_list:
                break;
        }
        return in_list_;
    }

    std::vector<frame> frames_;
    unsigned unevaluated_ = 0;
    unsigned constant_ = 0;
    unsigned ignored_ = 0;
    unsigned in_list_ = 0;
};

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_SCOPE_H
