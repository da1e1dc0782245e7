#include "file_pool.h"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <csignal>
#include <new>
#include <system_error>
#include <utility>

namespace squall::real {

asio::execution_context::id file_pool::id;

void file_pool::submit(std::unique_ptr<file_job> job) {
    operation* op = job->op_;
    std::unique_lock lock(mutex_);
    if (stopping_) {
        // Started by a destructor while the context goes down.
        lock.unlock();
        job.reset();
        op->abandon();
        return;
    }
    job->pool_ = this;
    op->state = job.get();
    op->cancel = [](operation* op) {
        auto* job = static_cast<file_job*>(op->state);
        std::lock_guard lock(job->pool_->mutex_);
        job->cancelled_ = true;
    };
    // The operation is not to be touched once a thread can take the job.
    file_job* added = job.get();
    queue_.push_back(added);
    added->position_ = jobs_.insert(jobs_.end(), std::move(job));
    if (error_code ec = start_thread(); ec && threads_.empty()) {
        queue_.pop_back();
        added->ec_ = ec;
        lock.unlock();
        return post(added);
    }
    lock.unlock();
    wake_.notify_one();
}

error_code file_pool::start_thread() {
    if (queue_.size() <= idle_ || threads_.size() >= threads_max)
        return {};
    // Signals are the program's affair, not that of threads it does not know of.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error_code ec;
    try {
        threads_.emplace_back([this] { work(); });
    } catch (const std::system_error& failure) {
        ec.assign(failure.code().value(), boost::system::system_category());
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return ec;
}

void file_pool::cancel(const file* owner) {
    std::lock_guard lock(mutex_);
    for (auto& job : jobs_) {
        if (job->owner_ == owner)
            job->cancelled_ = true;
    }
}

void file_pool::detach(const file* owner) {
    std::lock_guard lock(mutex_);
    for (auto& job : jobs_) {
        if (job->owner_ != owner)
            continue;
        job->cancelled_ = true;
        job->owner_ = nullptr;
    }
}

void file_pool::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        ++idle_;
        wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        --idle_;
        if (stopping_)
            return;
        file_job* job = queue_.front();
        queue_.pop_front();
        bool skip = job->cancelled_;
        lock.unlock();
        if (!skip) {
            try {
                job->run();
            } catch (const std::bad_alloc&) {
                job->ec_ = asio::error::no_memory;
            }
        }
        post(job);
        lock.lock();
    }
}

void file_pool::post(file_job* job) {
    // The job is gone as soon as its executor gets to it. The closure owns nothing: if the executor drops it,
    // the context is going down, and shutdown() abandons the operation on the thread that does that.
    asio::any_io_executor executor = job->executor_;
    asio::post(executor, [this, job] { finish(job); });
}

void file_pool::finish(file_job* job) {
    std::unique_ptr<file_job> finished;
    file* owner;
    bool aborted;
    {
        std::lock_guard lock(mutex_);
        finished = std::move(*job->position_);
        jobs_.erase(job->position_);
        owner = job->owner_;
        aborted = job->cancelled_;
    }
    operation* op = job->op_;
    op->state = nullptr;
    op->cancel = nullptr;
    job->deliver(owner, aborted);
    op->ec = aborted ? error_code(asio::error::operation_aborted) : job->ec_;
    op->bytes = aborted ? 0 : job->bytes_;
    // The work that the executor counts lasts as long as the handler runs.
    asio::any_io_executor executor = std::move(job->executor_);
    finished.reset();
    op->complete();
}

void file_pool::shutdown() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_)
        thread.join();
    threads_.clear();
    // What an abandoned handler owns may cancel other jobs, or try to start new ones.
    for (;;) {
        std::unique_ptr<file_job> job;
        {
            std::lock_guard lock(mutex_);
            if (jobs_.empty())
                break;
            job = std::move(jobs_.front());
            jobs_.pop_front();
        }
        operation* op = job->op_;
        op->state = nullptr;
        op->cancel = nullptr;
        job.reset();
        op->abandon();
    }
}

}  // namespace squall::real
