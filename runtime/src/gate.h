// The gate words of all modules, opened and closed together.
#ifndef SQUALL_RUNTIME_GATE_H
#define SQUALL_RUNTIME_GATE_H

namespace squall {

// The gate is open while it was opened more often than closed. Thread-safe.
void open_gate() noexcept;
void close_gate() noexcept;

}  // namespace squall

#endif  // SQUALL_RUNTIME_GATE_H
