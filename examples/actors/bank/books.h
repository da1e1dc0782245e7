// All accounts at once, as the store has them: is there ever more or less money than was paid in?
#ifndef BANK_BOOKS_H
#define BANK_BOOKS_H

#include "bank/account.h"

#include <cstdint>
#include <map>
#include <string>

namespace bank {

class books {
public:
    // A state that is in the store. States of one account may come in any order, and again.
    void committed(const std::string& key, std::uint64_t version, const account_state& state);
    // Violates an assertion where the money does not add up. As good after each committed() as at the end:
    // whoever acts on a state has seen it in the store first.
    void check() const;
    bool settled() const;  // nobody owes anything

private:
    struct page {
        std::uint64_t version = 0;
        std::int64_t paid_in = 0;  // by clients, less what they took out
        account_state state;
    };
    std::map<std::string, page> pages_;
};

}  // namespace bank

#endif  // BANK_BOOKS_H
