// The threads on which the real provider makes the file calls that block.
//
// One pool per execution context, a service of it beside the provider's; its threads start with the first
// jobs and are joined when the context shuts down.
#ifndef SQUALL_PROVIDERS_FILE_POOL_H
#define SQUALL_PROVIDERS_FILE_POOL_H

#include <squall/operation.h>

#include <boost/asio/execution_context.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace squall::real {

class file;
class file_pool;

// One blocking call and the operation that waits for it.
class file_job {
public:
    file_job(const file_job&) = delete;
    file_job& operator=(const file_job&) = delete;
    virtual ~file_job() = default;

protected:
    // `owner` is the file whose cancel() takes this job in, or null.
    file_job(const asio::any_io_executor& executor, operation* op, file* owner)
        : executor_(asio::prefer(executor, asio::execution::outstanding_work.tracked)),
          op_(op),
          owner_(owner) {}

    // On a thread of the pool: sets ec_ and bytes_.
    virtual void run() = 0;
    // Before the operation completes, on its executor. `owner` is null if it has gone, and then `aborted` is
    // true.
    virtual void deliver(file* owner, bool aborted) = 0;

    error_code ec_;
    std::size_t bytes_ = 0;

private:
    friend class file_pool;

    asio::any_io_executor executor_;
    operation* op_;
    file* owner_;
    bool cancelled_ = false;
    file_pool* pool_ = nullptr;
    std::list<std::unique_ptr<file_job>>::iterator position_;
};

// Any thread may submit; what belongs to one job (cancel, completion) happens on its executor. A job that is
// cancelled before its completion has run ends with operation_aborted, whether or not its call took place; if
// the call is under way the completion waits for it, since the call uses the operation's buffers.
class file_pool : public asio::execution_context::service {
public:
    using key_type = file_pool;
    static asio::execution_context::id id;

    explicit file_pool(asio::execution_context& context) : service(context) {}

    void submit(std::unique_ptr<file_job> job);
    // Cancels the jobs of `owner`.
    void cancel(const file* owner);
    // The same, and the jobs will not touch the owner again.
    void detach(const file* owner);

private:
    static constexpr std::size_t threads_max = 4;

    void shutdown() override;
    void work();
    void finish(file_job* job);
    void post(file_job* job);
    // Starts a thread if the idle ones don't suffice; with mutex_ held.
    error_code start_thread();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::list<std::unique_ptr<file_job>> jobs_;  // submitted and not completed
    std::deque<file_job*> queue_;                // those that no thread has taken
    std::vector<std::thread> threads_;
    std::size_t idle_ = 0;
    bool stopping_ = false;
};

}  // namespace squall::real

#endif  // SQUALL_PROVIDERS_FILE_POOL_H
