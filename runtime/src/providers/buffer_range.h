// A provider's buffer list as one of Asio's buffer sequences.
#ifndef SQUALL_PROVIDERS_BUFFER_RANGE_H
#define SQUALL_PROVIDERS_BUFFER_RANGE_H

namespace squall::real {

template <class Buffers>
class buffer_range {
public:
    explicit buffer_range(Buffers buffers) : buffers_(buffers) {}
    auto begin() const { return buffers_.data; }
    auto end() const { return buffers_.data + buffers_.count; }

private:
    Buffers buffers_;
};

}  // namespace squall::real

#endif  // SQUALL_PROVIDERS_BUFFER_RANGE_H
