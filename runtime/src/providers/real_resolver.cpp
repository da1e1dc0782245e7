#include "real_resolver.h"

#include "operation_handler.h"

#include <algorithm>
#include <utility>

namespace squall::real {

resolver::look_up::~look_up() {
    if (op != nullptr)
        release()->abandon();
}

resolve_operation* resolver::look_up::release() {
    op->cancel = nullptr;
    op->state = nullptr;
    return std::exchange(op, nullptr);
}

void resolver::look_up::abort() {
    if (op != nullptr)
        complete_later(executor, release(), asio::error::operation_aborted);
}

void resolver::resolve(const std::string& host, const std::string& service, resolve_operation* op) {
    auto started = std::make_shared<look_up>(op, resolver_.get_executor());
    op->state = started.get();
    op->cancel = [](operation* base) { static_cast<look_up*>(base->state)->abort(); };
    std::erase_if(under_way_, [](const std::weak_ptr<look_up>& other) { return other.expired(); });
    under_way_.push_back(started);
    resolver_.async_resolve(host, service,
                            [started = std::move(started)](error_code ec, resolver_results results) {
                                if (started->op == nullptr)
                                    return;
                                resolve_operation* ended = started->release();
                                ended->ec = ec;
                                ended->results = std::move(results);
                                ended->complete();
                            });
}

void resolver::cancel() {
    for (const auto& each : std::exchange(under_way_, {}))
        if (const auto still = each.lock())
            still->abort();
    resolver_.cancel();
}

}  // namespace squall::real
