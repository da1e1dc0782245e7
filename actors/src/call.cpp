#include <squall/actors/call.h>

#include <boost/asio/error.hpp>

#include <array>

namespace squall::actors::detail {
namespace {

enum class outcome : std::uint64_t { value, failure, thrown };

// The categories whose errors keep their identity from node to node.
const boost::system::error_category* category_named(std::string_view name) {
    const std::array<const boost::system::error_category*, 6> known{&category(),
                                                                    &boost::system::generic_category(),
                                                                    &boost::system::system_category(),
                                                                    &asio::error::get_misc_category(),
                                                                    &asio::error::get_netdb_category(),
                                                                    &asio::error::get_addrinfo_category()};
    for (const auto* each : known)
        if (name == each->name())
            return each;
    return nullptr;
}

}  // namespace

void encode_failure(std::string& out, error_code code, std::string_view text) {
    encoder to(out);
    to.put(static_cast<std::uint64_t>(outcome::failure));
    to.put(std::string_view(code.category().name()));
    to.put_signed(code.value());
    to.put(text);
    to.finish();
}

void call_base::fail(error_code code, std::string text) {
    failure_ = code;
    text_ = std::move(text);
}

std::string call_base::failure_text() const {
    if (thrown_)
        return "a declared exception";
    return text_.empty() ? failure_.message() : failure_.message() + ": " + text_;
}

void call_base::caught_other() {
    try {
        throw;
    } catch (const boost::system::system_error& e) {
        // An error of ours tells of this call's own delivery. What befell a call that the method made is no
        // more than a failure of the method; but for the store's answers, which are its own.
        const error_code& code = e.code();
        const bool not_its_own = code.category() == category() && code != error::fenced &&
                                 code != error::conflict && code != error::store_unavailable &&
                                 code != error::expelled;
        // The method was cancelled, and not by the caller, who would not be here: its node's lease ran out,
        // say.
        if (not_its_own || code == asio::error::operation_aborted)
            fail(error::handler_failed, e.what());
        else if (category_named(e.code().category().name()) != nullptr)
            fail(e.code());
        else
            fail(error::handler_failed, e.what());
    } catch (const std::exception& e) {
        fail(error::handler_failed, e.what());
    } catch (...) {
        fail(error::handler_failed, "an exception that is no std::exception");
    }
}

void call_base::throw_failure() const {
    if (failure_.category() == category())
        throw call_failed(failure_, text_);
    throw boost::system::system_error(failure_, text_);
}

void call_base::encode_outcome(std::string& out) {
    if (failure_ && !thrown_) {
        encode_failure(out, failure_, text_);
        return;
    }
    encoder to(out);
    to.put(static_cast<std::uint64_t>(thrown_ ? outcome::thrown : outcome::value));
    if (thrown_)
        to.put(thrown_index_);
    else
        encode_result(to);
    to.finish();
    if (thrown_)
        out += text_;
}

void call_base::decode_outcome(std::string_view bytes) {
    decoder in(bytes);
    switch (static_cast<outcome>(in.get())) {
        case outcome::value:
            decode_result(in);
            break;
        case outcome::thrown: {
            const std::uint64_t index = in.get();
            decode_thrown(index, in);
            break;
        }
        case outcome::failure: {
            std::string name;
            in.get(name);
            const std::int64_t value = in.get_signed();
            std::string text;
            in.get(text);
            const auto* known = category_named(name);
            if (known == nullptr || value == 0)
                decoder::fail("an error of an unknown category");
            fail(error_code(static_cast<int>(value), *known), std::move(text));
            break;
        }
        default:
            decoder::fail("an outcome of an unknown kind");
    }
    in.finish();
}

}  // namespace squall::actors::detail
