// Files and directories by the operating system's own calls, made on the threads of a file_pool.
#ifndef SQUALL_PROVIDERS_REAL_FILE_H
#define SQUALL_PROVIDERS_REAL_FILE_H

#include <squall/provider.h>

#include <memory>
#include <string>

namespace squall::real {

class file_pool;

// A file descriptor with what it was opened for. Shared by the handle and its jobs, so that the number is not
// given to another file while a call is under way.
class descriptor {
public:
    descriptor(int number, open_mode mode) : number_(number), mode_(mode) {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor();

    int number() const { return number_; }
    open_mode mode() const { return mode_; }

private:
    int number_;
    open_mode mode_;
};

class file final : public file_backend {
public:
    file(const asio::any_io_executor& executor, file_pool& pool) : executor_(executor), pool_(pool) {}
    ~file() override;

    void open(const std::string& path, open_mode mode, operation* op) override;
    void read_some_at(std::uint64_t offset, mutable_buffers buffers, operation* op) override;
    void write_some_at(std::uint64_t offset, const_buffers buffers, operation* op) override;
    void sync(operation* op) override;
    void resize(std::uint64_t size, operation* op) override;
    void size(operation* op) override;
    void close() override;
    void cancel() override;
    bool is_open() const override { return descriptor_ != nullptr; }

private:
    class open_job;

    template <class Call>
    void start(operation* op, Call call);

    asio::any_io_executor executor_;
    file_pool& pool_;
    std::shared_ptr<const descriptor> descriptor_;
    const open_job* opening_ = nullptr;
};

// The operations on directories; they belong to no file.
void start_rename(file_pool& pool, const asio::any_io_executor& executor, const std::string& from,
                  const std::string& to, operation* op);
void start_remove(file_pool& pool, const asio::any_io_executor& executor, const std::string& path,
                  operation* op);
void start_create_directory(file_pool& pool, const asio::any_io_executor& executor, const std::string& path,
                            operation* op);
void start_sync_directory(file_pool& pool, const asio::any_io_executor& executor, const std::string& path,
                          operation* op);
void start_list_directory(file_pool& pool, const asio::any_io_executor& executor, const std::string& path,
                          list_operation* op);

}  // namespace squall::real

#endif  // SQUALL_PROVIDERS_REAL_FILE_H
