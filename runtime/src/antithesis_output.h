// The lines of <squall/antithesis.h>, for the rest of the runtime.
#ifndef SQUALL_RUNTIME_ANTITHESIS_OUTPUT_H
#define SQUALL_RUNTIME_ANTITHESIS_OUTPUT_H

#include <squall/details.h>

#include <cstddef>
#include <cstdint>

namespace squall::antithesis {

// Whether the environment asked for it; looked up once.
bool on() noexcept;

// Declares the catalog's assertions from this position on. Not to be called with the registry locked.
void declare_from(std::size_t position) noexcept;

// An evaluation of the assertion with this catalog index; written the first time for each outcome.
void evaluated(std::uint32_t index, bool held, const detail::details& about);

// Operands of a numeric assertion; written when they come nearer than any before.
void compared(std::uint32_t index, double left, double right, bool maximise);

}  // namespace squall::antithesis

#endif  // SQUALL_RUNTIME_ANTITHESIS_OUTPUT_H
