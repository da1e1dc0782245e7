// Whether two runs of one seed are one execution, and if not, where they part.
// docs/how-it-works/determinism.md.
//
//   EXPECT_TRUE(my_simulation().check_determinism(17).same);
#ifndef SQUALL_DETERMINISM_H
#define SQUALL_DETERMINISM_H

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace squall {

struct determinism_report {
    bool same = true;
    std::uint64_t seed = 0;
    std::string difference;  // in a sentence
    // The first event that differs, from 1; 0 where it could not be found again. What made it differ is that
    // event or one before it.
    std::uint64_t event = 0;
    // The ten events before that one and itself, last, in the first run and in the second. Shorter where a
    // run had ended.
    std::vector<std::string> first;
    std::vector<std::string> second;
};
std::ostream& operator<<(std::ostream& out, const determinism_report& r);

}  // namespace squall

#endif  // SQUALL_DETERMINISM_H
