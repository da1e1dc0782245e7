// [[squall::fallible]]: becomes the annotation that rules look for, as
// [[clang::annotate("squall::fallible")]] is.
#include "driver/attributes.h"

#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/Basic/ParsedAttrInfo.h>
#include <clang/Sema/ParsedAttr.h>
#include <clang/Sema/Sema.h>

namespace squall::rewrite {
namespace {

struct fallible : clang::ParsedAttrInfo {
    fallible() {
        static constexpr Spelling spellings[] = {{clang::ParsedAttr::AS_CXX11, "squall::fallible"},
                                                 {clang::ParsedAttr::AS_C23, "squall::fallible"}};
        Spellings = spellings;
    }
    AttrHandling handleDeclAttribute(clang::Sema& sema, clang::Decl* declaration,
                                     const clang::ParsedAttr& attribute) const override {
        if (!declaration->getAsFunction())
            return AttributeNotApplied;
        declaration->addAttr(
            clang::AnnotateAttr::Create(sema.Context, "squall::fallible", nullptr, 0, attribute.getRange()));
        return AttributeApplied;
    }
};

}  // namespace

void register_attributes() {
    static const clang::ParsedAttrInfoRegistry::Add<fallible> registered("squall_fallible", "");
}

}  // namespace squall::rewrite
