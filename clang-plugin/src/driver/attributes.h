// squall's own attributes, made known to the Clang in this process.
#ifndef SQUALL_REWRITE_ATTRIBUTES_H
#define SQUALL_REWRITE_ATTRIBUTES_H

namespace squall::rewrite {

// To be called before the first parse; further calls do nothing.
void register_attributes();

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_ATTRIBUTES_H
