// Files and directories: on the disk, or on the simulator's model of one.
#ifndef SQUALL_FILE_H
#define SQUALL_FILE_H

#include <squall/provider.h>

namespace squall {

// Models Asio's AsyncRandomAccessReadDevice and -WriteDevice: asio::async_read_at and async_write_at work
// over it. Move-only; operations may overlap, their order then is not defined. Destroying it closes the file
// without syncing it.
class file {
public:
    using executor_type = asio::any_io_executor;

    explicit file(executor_type executor)
        : executor_(std::move(executor)),
          backend_(provider_of(executor_).make_file(executor_)) {}

    executor_type get_executor() const { return executor_; }

    // Signature void(error_code), as for all below without another one. Paths are relative to the process's
    // directory.
    template <class Token = asio::default_completion_token_t<executor_type>>
    auto async_open(std::string path, open_mode mode, Token&& token = {}) {
        return start<Token>(
            token, [this, path = std::move(path), mode](operation* op) { backend_->open(path, mode, op); });
    }

    // Signature void(error_code, std::size_t). asio::error::eof at or past the end.
    template <class MutableBufferSequence, class Token = asio::default_completion_token_t<executor_type>>
    auto async_read_some_at(std::uint64_t offset, const MutableBufferSequence& buffers, Token&& token = {}) {
        return detail::initiate_transfer<Token, asio::mutable_buffer, mutable_buffers>(
            executor_, buffers, token, [this, offset](operation* op, mutable_buffers list) {
                backend_->read_some_at(offset, list, op);
            });
    }

    // Signature void(error_code, std::size_t). May write less than asked.
    template <class ConstBufferSequence, class Token = asio::default_completion_token_t<executor_type>>
    auto async_write_some_at(std::uint64_t offset, const ConstBufferSequence& buffers, Token&& token = {}) {
        return detail::initiate_transfer<Token, asio::const_buffer, const_buffers>(
            executor_, buffers, token,
            [this, offset](operation* op, const_buffers list) { backend_->write_some_at(offset, list, op); });
    }

    // Makes all writes that completed before it durable (fdatasync and the size).
    template <class Token = asio::default_completion_token_t<executor_type>>
    auto async_sync(Token&& token = {}) {
        return start<Token>(token, [this](operation* op) { backend_->sync(op); });
    }

    template <class Token = asio::default_completion_token_t<executor_type>>
    auto async_resize(std::uint64_t size, Token&& token = {}) {
        return start<Token>(token, [this, size](operation* op) { backend_->resize(size, op); });
    }

    // Signature void(error_code, std::size_t): the size in bytes.
    template <class Token = asio::default_completion_token_t<executor_type>>
    auto async_size(Token&& token = {}) {
        return detail::initiate<Token, void(error_code, std::size_t), operation, detail::transfer_result>(
            executor_, token, [this](operation* op) { backend_->size(op); });
    }

    void close() { backend_->close(); }
    void cancel() { backend_->cancel(); }
    bool is_open() const { return backend_ && backend_->is_open(); }

private:
    friend void corruption_detected(const file& where, std::uint64_t offset, std::uint64_t size);

    template <class Token, class Start>
    auto start(std::remove_reference_t<Token>& token, Start start) {
        return detail::initiate<Token, void(error_code), operation, detail::error_result>(executor_, token,
                                                                                          std::move(start));
    }

    executor_type executor_;
    std::unique_ptr<file_backend> backend_;
};

// Replaces `to` where it exists, atomically. Durable once the directory is synced.
template <class Token = asio::default_completion_token_t<asio::any_io_executor>>
auto async_rename(const asio::any_io_executor& executor, std::string from, std::string to,
                  Token&& token = {}) {
    return detail::initiate<Token, void(error_code), operation, detail::error_result>(
        executor, token, [executor, from = std::move(from), to = std::move(to)](operation* op) {
            provider_of(executor).rename(executor, from, to, op);
        });
}

template <class Token = asio::default_completion_token_t<asio::any_io_executor>>
auto async_remove(const asio::any_io_executor& executor, std::string path, Token&& token = {}) {
    return detail::initiate<Token, void(error_code), operation, detail::error_result>(
        executor, token, [executor, path = std::move(path)](operation* op) {
            provider_of(executor).remove(executor, path, op);
        });
}

// No error where the directory exists.
template <class Token = asio::default_completion_token_t<asio::any_io_executor>>
auto async_create_directory(const asio::any_io_executor& executor, std::string path, Token&& token = {}) {
    return detail::initiate<Token, void(error_code), operation, detail::error_result>(
        executor, token, [executor, path = std::move(path)](operation* op) {
            provider_of(executor).create_directory(executor, path, op);
        });
}

// Makes the names in a directory durable: creations, renames and removals that completed before it.
template <class Token = asio::default_completion_token_t<asio::any_io_executor>>
auto async_sync_directory(const asio::any_io_executor& executor, std::string path, Token&& token = {}) {
    return detail::initiate<Token, void(error_code), operation, detail::error_result>(
        executor, token, [executor, path = std::move(path)](operation* op) {
            provider_of(executor).sync_directory(executor, path, op);
        });
}

namespace detail {
struct list_result {
    std::tuple<error_code, std::vector<std::string>> operator()(list_operation& op) const {
        return {op.ec, std::move(op.names)};
    }
};
}  // namespace detail

// Signature void(error_code, std::vector<std::string>): the names, without path, sorted by bytes.
template <class Token = asio::default_completion_token_t<asio::any_io_executor>>
auto async_list_directory(const asio::any_io_executor& executor, std::string path, Token&& token = {}) {
    return detail::initiate<Token, void(error_code, std::vector<std::string>), list_operation,
                            detail::list_result>(executor, token,
                                                 [executor, path = std::move(path)](list_operation* op) {
                                                     provider_of(executor).list_directory(executor, path, op);
                                                 });
}

}  // namespace squall

#endif  // SQUALL_FILE_H
