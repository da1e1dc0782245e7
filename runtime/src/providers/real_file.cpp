#include "real_file.h"

#include "file_pool.h"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace squall::real {
namespace {

error_code system_error(int number) {
    return {number, boost::system::system_category()};
}

// The result of a system call that is made again after a signal.
template <class Call>
auto retried(Call call) {
    for (;;) {
        auto result = call();
        if (result >= 0 || errno != EINTR)
            return result;
    }
}

template <class Call>
error_code checked(Call call) {
    return retried(call) < 0 ? system_error(errno) : error_code();
}

// A job that is done with its call: Call is error_code(std::size_t& bytes).
template <class Call>
class call_job final : public file_job {
public:
    call_job(const asio::any_io_executor& executor, operation* op, file* owner, Call call)
        : file_job(executor, op, owner),
          call_(std::move(call)) {}

private:
    void run() override { ec_ = call_(bytes_); }
    void deliver(file*, bool) override {}

    Call call_;
};

template <class Call>
void submit(file_pool& pool, const asio::any_io_executor& executor, operation* op, file* owner, Call call) {
    pool.submit(std::make_unique<call_job<Call>>(executor, op, owner, std::move(call)));
}

class io_vector {
public:
    template <class Buffers>
    explicit io_vector(Buffers buffers) : count_(std::min(buffers.count, detail::max_buffers)) {
        for (std::size_t i = 0; i < count_; ++i) {
            data_[i].iov_base = const_cast<void*>(static_cast<const void*>(buffers.data[i].data()));
            data_[i].iov_len = buffers.data[i].size();
        }
    }
    const iovec* data() const { return data_.data(); }
    int count() const { return static_cast<int>(count_); }
    bool empty() const { return count_ == 0; }

private:
    std::array<iovec, detail::max_buffers> data_;
    std::size_t count_;
};

bool fits(std::uint64_t offset) {
    return offset <= static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
}

int flags_of(open_mode mode) {
    // Without O_NONBLOCK the opening of a FIFO could wait for ever.
    int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    if (has(mode, open_mode::read) && has(mode, open_mode::write)) {
        flags |= O_RDWR;
    } else if (has(mode, open_mode::write)) {
        flags |= O_WRONLY;
    } else {
        flags |= O_RDONLY;
    }
    if (has(mode, open_mode::create))
        flags |= O_CREAT;
    if (has(mode, open_mode::exclusive))
        flags |= O_EXCL;
    if (has(mode, open_mode::truncate))
        flags |= O_TRUNC;
    return flags;
}

bool makes_sense(open_mode mode) {
    if (!has(mode, open_mode::read) && !has(mode, open_mode::write))
        return false;
    if (has(mode, open_mode::truncate) && !has(mode, open_mode::write))
        return false;
    return !has(mode, open_mode::exclusive) || has(mode, open_mode::create);
}

}  // namespace

descriptor::~descriptor() {
    ::close(number_);
}

class file::open_job final : public file_job {
public:
    open_job(const asio::any_io_executor& executor, operation* op, file* owner, std::string path,
             open_mode mode)
        : file_job(executor, op, owner),
          path_(std::move(path)),
          mode_(mode) {}

private:
    void run() override {
        if (!makes_sense(mode_)) {
            ec_ = system_error(EINVAL);
            return;
        }
        int number = retried([&] { return ::openat(AT_FDCWD, path_.c_str(), flags_of(mode_), 0666); });
        if (number < 0) {
            ec_ = system_error(errno);
            return;
        }
        auto opened = std::make_shared<const descriptor>(number, mode_);
        struct stat status;
        ec_ = checked([&] { return ::fstat(number, &status); });
        if (!ec_ && S_ISDIR(status.st_mode))
            ec_ = system_error(EISDIR);
        if (!ec_)
            descriptor_ = std::move(opened);
    }

    void deliver(file* owner, bool aborted) override {
        if (owner == nullptr || owner->opening_ != this)
            return;
        owner->opening_ = nullptr;
        if (!aborted)
            owner->descriptor_ = std::move(descriptor_);
    }

    std::string path_;
    open_mode mode_;
    std::shared_ptr<const descriptor> descriptor_;
};

file::~file() {
    // An open file that was never used has no jobs, but only the pool knows.
    pool_.detach(this);
}

void file::open(const std::string& path, open_mode mode, operation* op) {
    if (is_open() || opening_ != nullptr) {
        error_code ec = asio::error::already_started;
        if (is_open())
            ec = asio::error::already_open;
        return submit(pool_, executor_, op, this, [ec](std::size_t&) { return ec; });
    }
    auto job = std::make_unique<open_job>(executor_, op, this, path, mode);
    opening_ = job.get();
    pool_.submit(std::move(job));
}

// Starts a call of the form error_code(const descriptor&, std::size_t& bytes).
template <class Call>
void file::start(operation* op, Call call) {
    submit(pool_, executor_, op, this, [file = descriptor_, call = std::move(call)](std::size_t& bytes) {
        return file ? call(*file, bytes) : error_code(asio::error::bad_descriptor);
    });
}

void file::read_some_at(std::uint64_t offset, mutable_buffers buffers, operation* op) {
    start(op,
          [offset, vector = io_vector(buffers)](const descriptor& file, std::size_t& bytes) -> error_code {
              if (vector.empty())
                  return {};
              if (!fits(offset))
                  return system_error(EINVAL);
              ssize_t result = retried([&] {
                  return ::preadv(file.number(), vector.data(), vector.count(), static_cast<off_t>(offset));
              });
              if (result < 0)
                  return system_error(errno);
              if (result == 0)
                  return asio::error::eof;
              bytes = static_cast<std::size_t>(result);
              return {};
          });
}

void file::write_some_at(std::uint64_t offset, const_buffers buffers, operation* op) {
    start(op,
          [offset, vector = io_vector(buffers)](const descriptor& file, std::size_t& bytes) -> error_code {
              if (vector.empty())
                  return {};
              if (!fits(offset))
                  return system_error(EINVAL);
              ssize_t result = retried([&] {
                  return ::pwritev(file.number(), vector.data(), vector.count(), static_cast<off_t>(offset));
              });
              if (result < 0)
                  return system_error(errno);
              bytes = static_cast<std::size_t>(result);
              return {};
          });
}

void file::sync(operation* op) {
    start(op, [](const descriptor& file, std::size_t&) {
        return checked([&] { return ::fdatasync(file.number()); });
    });
}

void file::resize(std::uint64_t size, operation* op) {
    start(op, [size](const descriptor& file, std::size_t&) -> error_code {
        // The system's own answer to a file opened for reading is EINVAL.
        if (!has(file.mode(), open_mode::write))
            return asio::error::bad_descriptor;
        if (!fits(size))
            return system_error(EINVAL);
        return checked([&] { return ::ftruncate(file.number(), static_cast<off_t>(size)); });
    });
}

void file::size(operation* op) {
    start(op, [](const descriptor& file, std::size_t& bytes) {
        struct stat status;
        error_code ec = checked([&] { return ::fstat(file.number(), &status); });
        if (!ec)
            bytes = static_cast<std::size_t>(status.st_size);
        return ec;
    });
}

void file::close() {
    cancel();
    descriptor_.reset();
}

void file::cancel() {
    opening_ = nullptr;
    pool_.cancel(this);
}

void start_rename(file_pool& pool, const asio::any_io_executor& executor, const std::string& from,
                  const std::string& to, operation* op) {
    submit(pool, executor, op, nullptr, [from, to](std::size_t&) {
        return checked([&] { return ::renameat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str()); });
    });
}

void start_remove(file_pool& pool, const asio::any_io_executor& executor, const std::string& path,
                  operation* op) {
    submit(pool, executor, op, nullptr,
           [path](std::size_t&) { return checked([&] { return ::unlinkat(AT_FDCWD, path.c_str(), 0); }); });
}

void start_create_directory(file_pool& pool, const asio::any_io_executor& executor, const std::string& path,
                            operation* op) {
    submit(pool, executor, op, nullptr, [path](std::size_t&) {
        error_code ec = checked([&] { return ::mkdirat(AT_FDCWD, path.c_str(), 0777); });
        struct stat status;
        if (ec.value() == EEXIST && ::fstatat(AT_FDCWD, path.c_str(), &status, 0) == 0 &&
            S_ISDIR(status.st_mode)) {
            ec.clear();
        }
        return ec;
    });
}

void start_sync_directory(file_pool& pool, const asio::any_io_executor& executor, const std::string& path,
                          operation* op) {
    submit(pool, executor, op, nullptr, [path](std::size_t&) {
        int number =
            retried([&] { return ::openat(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
        if (number < 0)
            return system_error(errno);
        descriptor directory(number, open_mode::read);
        return checked([&] { return ::fsync(number); });
    });
}

namespace {

class list_job final : public file_job {
public:
    list_job(const asio::any_io_executor& executor, list_operation* op, std::string path)
        : file_job(executor, op, nullptr),
          op_(op),
          path_(std::move(path)) {}

private:
    void run() override {
        std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path_.c_str()), &::closedir);
        if (!directory) {
            ec_ = system_error(errno);
            return;
        }
        for (;;) {
            errno = 0;
            const dirent* entry = ::readdir(directory.get());
            if (entry == nullptr)
                break;
            std::string name = entry->d_name;
            if (name != "." && name != "..")
                names_.push_back(std::move(name));
        }
        if (errno != 0) {
            ec_ = system_error(errno);
            names_.clear();
        }
        std::sort(names_.begin(), names_.end());
    }

    void deliver(file*, bool aborted) override {
        if (!aborted)
            op_->names = std::move(names_);
    }

    list_operation* op_;
    std::string path_;
    std::vector<std::string> names_;
};

}  // namespace

void start_list_directory(file_pool& pool, const asio::any_io_executor& executor, const std::string& path,
                          list_operation* op) {
    pool.submit(std::make_unique<list_job>(executor, op, path));
}

}  // namespace squall::real
