// Random bits of a process: from the operating system, or from the run's seed.
#ifndef SQUALL_RANDOM_H
#define SQUALL_RANDOM_H

#include <squall/provider.h>

namespace squall {

// A UniformRandomBitGenerator. Cheap to copy; all copies draw from their process's one stream.
class random_source {
public:
    using result_type = std::uint64_t;

    explicit random_source(const asio::any_io_executor& executor) : provider_(&provider_of(executor)) {}

    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return ~result_type{0}; }
    result_type operator()() { return provider_->random_bits(); }

private:
    provider* provider_;
};

}  // namespace squall

#endif  // SQUALL_RANDOM_H
