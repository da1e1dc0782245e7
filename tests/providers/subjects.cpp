#include "subjects.h"

#include "tools.h"

#include <array>
#include <optional>
#include <utility>

namespace squall::contract {
namespace {

// A subject with a handle that can be cancelled, closed and destroyed.
template <class Handle>
class handle_subject : public subject {
public:
    using subject::subject;

    void cancel() override { handle().cancel(); }
    void close() override {
        if constexpr (requires(Handle& h) { h.close(); })
            handle().close();
    }
    void destroy_handle() override { handle_.reset(); }

protected:
    Handle& handle() { return *handle_; }
    void take(Handle made) { handle_.emplace(std::move(made)); }

private:
    std::optional<Handle> handle_;
};

class timer_wait final : public handle_subject<timer> {
public:
    using handle_subject::handle_subject;
    asio::awaitable<void> prepare(contract_world&, bool to_complete) override {
        timer t(executor());
        if (to_complete) {
            t.expires_after(milliseconds(1));
        } else {
            t.expires_after(std::chrono::hours(1));
        }
        take(std::move(t));
        co_return;
    }
    void start(probe_handler handler) override { handle().async_wait(std::move(handler)); }
};

class connect final : public handle_subject<stream> {
public:
    using handle_subject::handle_subject;
    asio::awaitable<void> prepare(contract_world& world, bool) override {
        acceptor_.emplace(listening(world));
        take(stream(executor()));
        co_return;
    }
    void start(probe_handler handler) override {
        handle().async_connect(address_of(*acceptor_), std::move(handler));
    }

private:
    std::optional<acceptor> acceptor_;
};

class accept final : public handle_subject<acceptor> {
public:
    using handle_subject::handle_subject;
    asio::awaitable<void> prepare(contract_world& world, bool to_complete) override {
        acceptor a(executor());
        error_code ec;
        a.listen(world.address(0, 0), ec);
        if (ec)
            throw boost::system::system_error(ec, "listen");
        if (to_complete) {
            client_.emplace(world.executor(1));
            co_await client_->async_connect(address_of(a), use_awaitable);
        }
        take(std::move(a));
    }
    void start(probe_handler handler) override { handle().async_accept(std::move(handler)); }

private:
    std::optional<stream> client_;
};

// A connected stream of `executor`, and its peer.
class stream_subject : public handle_subject<stream> {
public:
    using handle_subject::handle_subject;
    asio::awaitable<void> prepare(contract_world& world, bool to_complete) override {
        acceptor a = listening(world);
        stream client(executor());
        co_await client.async_connect(address_of(a), use_awaitable);
        peer_.emplace(co_await a.async_accept(use_awaitable));
        co_await ready(client, *peer_, to_complete);
        take(std::move(client));
    }

protected:
    virtual asio::awaitable<void> ready(stream& own, stream& peer, bool to_complete) = 0;

private:
    std::optional<stream> peer_;
};

class stream_read final : public stream_subject {
public:
    using stream_subject::stream_subject;
    void start(probe_handler handler) override {
        handle().async_read_some(asio::buffer(bytes_), std::move(handler));
    }

private:
    asio::awaitable<void> ready(stream&, stream& peer, bool to_complete) override {
        if (to_complete)
            co_await send(peer, "x");
    }
    std::array<char, 16> bytes_;
};

class stream_write final : public stream_subject {
public:
    using stream_subject::stream_subject;
    void start(probe_handler handler) override {
        handle().async_write_some(asio::buffer(bytes_), std::move(handler));
    }

private:
    asio::awaitable<void> ready(stream& own, stream&, bool to_complete) override {
        if (!to_complete)
            co_await fill(own);
    }
    std::array<char, 16> bytes_ = {};
};

// A bound socket of `executor`, and another one.
class datagram_subject : public handle_subject<datagram_socket> {
public:
    using handle_subject::handle_subject;
    asio::awaitable<void> prepare(contract_world& world, bool to_complete) override {
        datagram_socket own(executor(), {world.address(0), 0});
        peer_.emplace(world.executor(1), datagram_endpoint(world.address(1), 0));
        if (to_complete)
            co_await peer_->async_send_to(asio::buffer("x", 1), address_of(own), use_awaitable);
        take(std::move(own));
    }

protected:
    datagram_endpoint peer() const { return address_of(*peer_); }

private:
    std::optional<datagram_socket> peer_;
};

class datagram_send final : public datagram_subject {
public:
    using datagram_subject::datagram_subject;
    void start(probe_handler handler) override {
        handle().async_send_to(asio::buffer(bytes_), peer(), std::move(handler));
    }

private:
    std::array<char, 16> bytes_ = {};
};

class datagram_receive final : public datagram_subject {
public:
    using datagram_subject::datagram_subject;
    void start(probe_handler handler) override {
        handle().async_receive_from(asio::buffer(bytes_), sender_, std::move(handler));
    }

private:
    std::array<char, 16> bytes_;
    datagram_endpoint sender_;
};

class resolve final : public handle_subject<resolver> {
public:
    using handle_subject::handle_subject;
    asio::awaitable<void> prepare(contract_world&, bool) override {
        take(resolver(executor()));
        co_return;
    }
    void start(probe_handler handler) override {
        handle().async_resolve("127.0.0.1", "80", std::move(handler));
    }
};

class file_subject : public handle_subject<file> {
public:
    using handle_subject::handle_subject;
    asio::awaitable<void> prepare(contract_world& world, bool) override {
        co_await make_file(world, world.path("subject"), "content");
        file f(executor());
        co_await f.async_open(world.path("subject"), open_mode::read | open_mode::write, use_awaitable);
        take(std::move(f));
    }
};

class file_open final : public handle_subject<file> {
public:
    using handle_subject::handle_subject;
    asio::awaitable<void> prepare(contract_world& world, bool) override {
        path_ = world.path("opened");
        take(file(executor()));
        co_return;
    }
    void start(probe_handler handler) override {
        handle().async_open(path_, open_mode::write | open_mode::create, std::move(handler));
    }

private:
    std::string path_;
};

class file_read final : public file_subject {
public:
    using file_subject::file_subject;
    void start(probe_handler handler) override {
        handle().async_read_some_at(0, asio::buffer(bytes_), std::move(handler));
    }

private:
    std::array<char, 16> bytes_;
};

class file_write final : public file_subject {
public:
    using file_subject::file_subject;
    void start(probe_handler handler) override {
        handle().async_write_some_at(0, asio::buffer(bytes_), std::move(handler));
    }

private:
    std::array<char, 16> bytes_ = {};
};

class file_sync final : public file_subject {
public:
    using file_subject::file_subject;
    void start(probe_handler handler) override { handle().async_sync(std::move(handler)); }
};

class file_resize final : public file_subject {
public:
    using file_subject::file_subject;
    void start(probe_handler handler) override { handle().async_resize(3, std::move(handler)); }
};

class file_size final : public file_subject {
public:
    using file_subject::file_subject;
    void start(probe_handler handler) override { handle().async_size(std::move(handler)); }
};

class directory_subject : public subject {
public:
    using subject::subject;
    asio::awaitable<void> prepare(contract_world& world, bool) override {
        directory_ = world.directory();
        co_await make_file(world, world.path("subject"), "content");
    }

protected:
    std::string path(const std::string& name) const { return directory_ + "/" + name; }

private:
    std::string directory_;
};

class rename final : public directory_subject {
public:
    using directory_subject::directory_subject;
    void start(probe_handler handler) override {
        async_rename(executor(), path("subject"), path("renamed"), std::move(handler));
    }
};

class remove final : public directory_subject {
public:
    using directory_subject::directory_subject;
    void start(probe_handler handler) override {
        async_remove(executor(), path("subject"), std::move(handler));
    }
};

class create_directory final : public directory_subject {
public:
    using directory_subject::directory_subject;
    void start(probe_handler handler) override {
        async_create_directory(executor(), path("made"), std::move(handler));
    }
};

class sync_directory final : public directory_subject {
public:
    using directory_subject::directory_subject;
    void start(probe_handler handler) override {
        async_sync_directory(executor(), path(""), std::move(handler));
    }
};

class list_directory final : public directory_subject {
public:
    using directory_subject::directory_subject;
    void start(probe_handler handler) override {
        async_list_directory(executor(), path(""), std::move(handler));
    }
};

template <class Subject>
std::shared_ptr<subject> make(const asio::any_io_executor& executor, probe& p) {
    return std::shared_ptr<subject>(new Subject(executor), [&p](subject* s) {
        delete s;
        ++p.released;
    });
}

struct entry {
    const char* name;
    std::shared_ptr<subject> (*make)(const asio::any_io_executor&, probe&);
};

// In the order of subject_kind.
constexpr entry entries[] = {
    {"timer_wait", &make<timer_wait>},
    {"connect", &make<connect>},
    {"accept", &make<accept>},
    {"stream_read", &make<stream_read>},
    {"stream_write", &make<stream_write>},
    {"datagram_send", &make<datagram_send>},
    {"datagram_receive", &make<datagram_receive>},
    {"resolve", &make<resolve>},
    {"file_open", &make<file_open>},
    {"file_read", &make<file_read>},
    {"file_write", &make<file_write>},
    {"file_sync", &make<file_sync>},
    {"file_resize", &make<file_resize>},
    {"file_size", &make<file_size>},
    {"rename", &make<rename>},
    {"remove", &make<remove>},
    {"create_directory", &make<create_directory>},
    {"sync_directory", &make<sync_directory>},
    {"list_directory", &make<list_directory>},
};

const entry& entry_of(subject_kind kind) {
    return entries[static_cast<std::size_t>(kind)];
}

}  // namespace

std::string to_string(subject_kind kind) {
    return entry_of(kind).name;
}

std::vector<subject_kind> subject_kinds() {
    std::vector<subject_kind> all;
    all.reserve(std::size(entries));
    for (std::size_t i = 0; i < std::size(entries); ++i)
        all.push_back(static_cast<subject_kind>(i));
    return all;
}

std::string to_string(const cancellation& c) {
    static constexpr const char* ways[] = {"slot", "cancel", "close", "destroy"};
    return to_string(c.kind) + "_by_" + ways[static_cast<std::size_t>(c.way)];
}

std::vector<cancellation> all_cancellations() {
    std::vector<cancellation> all;
    for (subject_kind kind : subject_kinds()) {
        if (kind == subject_kind::datagram_send)
            continue;
        all.push_back({kind, cancel_by::slot});
        if (kind >= subject_kind::rename)
            continue;
        all.push_back({kind, cancel_by::cancel});
        if (kind != subject_kind::timer_wait && kind != subject_kind::resolve)
            all.push_back({kind, cancel_by::close});
        all.push_back({kind, cancel_by::destroy});
    }
    return all;
}

std::shared_ptr<subject> make_subject(subject_kind kind, const asio::any_io_executor& executor, probe& p) {
    return entry_of(kind).make(executor, p);
}

void start(const std::shared_ptr<subject>& s, probe& p) {
    p.starting = true;
    s->start(probe_handler(p, s));
    p.starting = false;
}

asio::awaitable<void> ended(contract_world& world, probe& p) {
    event done(world.executor());
    if (p.calls != 0)
        co_return;
    p.on_end = [&done] { done.set(); };
    co_await done.wait();
    p.on_end = nullptr;
}

}  // namespace squall::contract
