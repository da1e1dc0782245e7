// Which places of a translation unit stand in files of the project.
#ifndef SQUALL_REWRITE_OWN_FILES_H
#define SQUALL_REWRITE_OWN_FILES_H

#include "core/model.h"

#include <clang/Basic/SourceManager.h>
#include <llvm/ADT/DenseMap.h>

namespace squall::rewrite {

// Asked for every declaration, so it remembers each file's answer. The set must outlive it.
class own_files {
public:
    explicit own_files(const file_set& files) : files_(files) {}

    // Where a macro is expanded counts, not where it is defined.
    bool have(const clang::SourceManager& sources, clang::SourceLocation where) {
        if (where.isInvalid())
            return false;
        const clang::FileID id = sources.getFileID(sources.getExpansionLoc(where));
        auto [it, added] = known_.try_emplace(id, false);
        if (added)
            if (const auto entry = sources.getFileEntryRefForID(id))
                it->second = files_.find(entry->getUniqueID()).has_value();
        return it->second;
    }

private:
    const file_set& files_;
    llvm::DenseMap<clang::FileID, bool> known_;
};

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_OWN_FILES_H
