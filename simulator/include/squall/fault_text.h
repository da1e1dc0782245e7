// Faults as text: to show them, to keep them in a file, to change single values by name.
//
// A value's name is family.value, "network.flip_bit" say. Its text is a number; for a time a number with a
// unit (ns, us, ms, s, min, h), or 0; for a choice its name ("pos"). What is written is read back exactly.
#ifndef SQUALL_FAULT_TEXT_H
#define SQUALL_FAULT_TEXT_H

#include <squall/faults.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace squall {

class fault_text_error : public std::invalid_argument {
public:
    using std::invalid_argument::invalid_argument;
};

// One "family: name=value ..." line per family in which a value differs from that of a calm world; "calm" and
// no line end where none does.
std::string to_string(const faults& all);

// Every value: {"network": {"latency_min": "100us", "flip_bit": 0.001, ...}, ...}, pretty-printed.
std::string to_json(const faults& all);

// Changes the values that are named, in order:
//   network.flip_bit=0.01, attrition.every=2s     separated by commas, semicolons or line ends
//   network: flip_bit=0.01 window=4096            lines as to_string() writes them
//   {"network": {"flip_bit": 0.01}}               JSON as to_json() writes it, or a part of that
//   partitions=off                                an injector's name: it does nothing
//   calm                                          all of them, back to a calm world
//   @FILE                                         what stands in that file, in any of these forms
// Throws fault_text_error, which names the culprit and what would be right, and then changes nothing.
void set_faults(faults& all, std::string_view text);

// The names of all values, in order: "network.machine_latency_min", ...
std::vector<std::string> fault_names();

}  // namespace squall

#endif  // SQUALL_FAULT_TEXT_H
