#include "deduplication.h"

#include <algorithm>

namespace squall::actors::detail {
namespace {
// Bounds on what one actor remembers. A caller that comes back after so many others is taken for a new one.
constexpr std::size_t max_callers = 128;
constexpr std::size_t max_calls = 1024;
}  // namespace

deduplication::caller& deduplication::of(std::uint64_t id) {
    if (!callers_.contains(id) && callers_.size() >= max_callers) {
        auto oldest = callers_.begin();
        for (auto each = callers_.begin(); each != callers_.end(); ++each)
            if (each->second.used < oldest->second.used)
                oldest = each;
        callers_.erase(oldest);
    }
    caller& found = callers_[id];
    found.used = ++uses_;
    return found;
}

deduplication::verdict deduplication::look(call_base& call, std::string& answer) {
    caller& from = of(call.caller);
    from.oldest = std::max(from.oldest, call.oldest);
    from.calls.erase(from.calls.begin(), from.calls.lower_bound(from.oldest));
    if (call.number < from.oldest)
        return verdict::late;
    const auto found = from.calls.find(call.number);
    if (found == from.calls.end()) {
        if (from.calls.size() >= max_calls)
            return verdict::full;
        from.calls[call.number].running = &call;
        return verdict::first;
    }
    entry& known = found->second;
    if (known.running) {
        if (call.from_remote)
            known.running->sink = call.sink;
        return verdict::running;
    }
    if (!known.answered)
        return verdict::lost;
    answer = known.answer;
    return verdict::answered;
}

void deduplication::drop_calls() {
    for (auto& [id, from] : callers_)
        for (auto& [number, known] : from.calls)
            known.running.reset();
}

deduplication::entry* deduplication::find(const call_base& call) {
    const auto from = callers_.find(call.caller);
    if (from == callers_.end())
        return nullptr;
    const auto found = from->second.calls.find(call.number);
    return found == from->second.calls.end() ? nullptr : &found->second;
}

void deduplication::forget(const call_base& call) {
    entry* const known = find(call);
    if (known == nullptr)
        return;
    known->running.reset();
    if (!known->saved)
        callers_.at(call.caller).calls.erase(call.number);
}

void deduplication::answered(const call_base& call, std::string answer) {
    entry* const known = find(call);
    if (known == nullptr)
        return;
    known->running.reset();
    known->answer = std::move(answer);
    known->answered = true;
}

std::vector<handled_messages> deduplication::with(const call_base* call) const {
    std::vector<handled_messages> all;
    for (const auto& [id, from] : callers_) {
        handled_messages each{id, from.oldest, {}};
        for (const auto& [number, known] : from.calls)
            if (known.saved || (call != nullptr && known.running.get() == call))
                each.numbers.push_back(number);
        all.push_back(std::move(each));
    }
    return all;
}

void deduplication::saved(const call_base& call) {
    entry* const known = find(call);
    if (known != nullptr && known->running.get() == &call)
        known->saved = true;
}

void deduplication::loaded(const std::vector<handled_messages>& handled) {
    for (const auto& each : handled) {
        caller& from = of(each.caller);
        from.oldest = std::max(from.oldest, each.oldest);
        for (const std::uint64_t number : each.numbers)
            from.calls[number].saved = true;
    }
}

}  // namespace squall::actors::detail
