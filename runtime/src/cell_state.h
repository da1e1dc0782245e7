// What a run knows of a place by the state of its cell (place.h).
#ifndef SQUALL_RUNTIME_CELL_STATE_H
#define SQUALL_RUNTIME_CELL_STATE_H

namespace squall::detail {

enum cell_state : unsigned char {
    unseen,      // not evaluated yet
    inactive,    // a site or knob that its run left alone: evaluations are counted, nothing more
    active,      // one that decides at each evaluation; a knob that is turned
    assertion,   // no site at all
    overridden,  // a site that does what an override says
    unknown,     // the cell of index 0, which is no place's
};

}  // namespace squall::detail

#endif  // SQUALL_RUNTIME_CELL_STATE_H
