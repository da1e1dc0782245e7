// The endpoints, one function each, and the JSON that they answer.
#include "http_api.h"

#include "detail_text.h"

#include <squall/hex.h>
#include <squall/injection.h>
#include <squall/overrides.h>

#include <boost/beast/http/verb.hpp>

#include <cstdint>
#include <exception>
#include <initializer_list>
#include <utility>
#include <vector>

namespace squall::injection {
namespace {

constexpr std::string_view help =
    "squall fault injection\n"
    "\n"
    "GET    /sites[?match=PATTERN]    the fault sites of this program\n"
    "GET    /overrides                what they do\n"
    "PUT    /overrides                the body's overrides in place of all\n"
    "POST   /overrides                the body's overrides as well\n"
    "DELETE /overrides                none\n"
    "GET    /counts[?match=PATTERN]   evaluations and actions since the last reset\n"
    "POST   /reset                    counts from 0 again\n"
    "GET    /waiting                  where threads and coroutines are parked\n"
    "POST   /release[?match=PATTERN]  lets them go on\n"
    "\n"
    "overrides = pattern=term[->term]...[;...]\n"
    "term      = [P%][N*]off | fire | return(V) | nth(K) | delay(D) | wait | wait(D) | panic\n"
    "pattern   = [id:|rule:|name:|function:|file:]GLOB\n";

// A request that cannot be followed, and its answer.
struct refusal {
    http_response answer;
};

http_response json(std::string text) {
    http_response response;
    response.result(http::status::ok);
    response.set(http::field::content_type, "application/json");
    response.body() = std::move(text) + "\n";
    return response;
}

std::string member(std::string_view name, std::string value) {
    return json_quoted(name) + ":" + std::move(value);
}
std::string object(std::initializer_list<std::string> members) {
    std::string text = "{";
    for (const std::string& one : members)
        text += (text.size() > 1 ? "," : "") + one;
    return text + "}";
}
template <class Items, class ToJson>
std::string array(const Items& items, ToJson to_json_text) {
    std::string text = "[";
    for (const auto& one : items)
        text += (text.size() > 1 ? ",\n" : "") + to_json_text(one);
    return text + "]";
}

std::string place_members(const site_state& site) {
    std::string text;
    for (const auto& [name, value] :
         // A text: the bits of an id would not survive most readers' numbers.
         {std::pair<std::string_view, std::string>{"id", json_quoted(hex(site.id))},
          {"index", std::to_string(site.index)},
          {"kind", json_quoted(to_string(site.kind))},
          {"rule", json_quoted(site.rule)},
          {"name", json_quoted(site.name)},
          {"function", json_quoted(site.function)},
          {"file", json_quoted(site.file)},
          {"line", std::to_string(site.line)},
          {"override", site.override.empty() ? "null" : json_quoted(site.override)}})
        text += (text.empty() ? "" : ",") + member(name, value);
    return text;
}
std::string site_text(const site_state& site) {
    return object({place_members(site)});
}
std::string counts_text(const site_state& site) {
    return object({place_members(site), member("evaluated", std::to_string(site.evaluated)),
                   member("acted", std::to_string(site.acted)),
                   member("waiting", std::to_string(site.waiting))});
}

int digit_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? digit_value(text[i + 1]) : -1;
        const int low = high >= 0 ? digit_value(text[i + 2]) : -1;
        if (low < 0)
            throw refusal{
                error_answer(http::status::bad_request, "'%' without two hexadecimal digits in the target")};
        plain += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return plain;
}

// The target's parameter `match`, if the endpoint takes one. Any other is refused: a misspelled one would
// stand for all sites.
std::string match_of(std::string_view query, bool taken) {
    std::string match;
    while (!query.empty()) {
        const std::size_t end = query.find('&');
        const std::string_view one = query.substr(0, end);
        query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
        if (!taken || !one.starts_with("match="))
            throw refusal{
                error_answer(http::status::bad_request, "unknown parameter '" + percent_decoded(one) + "'")};
        match = percent_decoded(one.substr(6));
    }
    return match;
}

struct endpoint {
    std::string_view path;
    http::verb verb;
    bool takes_match;
    http_response (*answer)(const std::string& match, const std::string& body);
};

http_response in_force() {
    return json(object({member("overrides", json_quoted(overrides()))}));
}

const endpoint endpoints[] = {
    {"/", http::verb::get, false,
     [](const std::string&, const std::string&) {
         http_response response = json({});
         response.set(http::field::content_type, "text/plain");
         response.body() = help;
         return response;
     }},
    {"/sites", http::verb::get, true,
     [](const std::string& match, const std::string&) {
         return json(object({member("sites", array(sites(match), site_text))}));
     }},
    {"/overrides", http::verb::get, false, [](const std::string&, const std::string&) { return in_force(); }},
    {"/overrides", http::verb::put, false,
     [](const std::string&, const std::string& body) {
         set_overrides(body);
         return in_force();
     }},
    {"/overrides", http::verb::post, false,
     [](const std::string&, const std::string& body) {
         add_overrides(body);
         return in_force();
     }},
    {"/overrides", http::verb::delete_, false,
     [](const std::string&, const std::string&) {
         clear_overrides();
         return in_force();
     }},
    {"/counts", http::verb::get, true,
     [](const std::string& match, const std::string&) {
         return json(object({member("counts", array(counts(match), counts_text))}));
     }},
    {"/reset", http::verb::post, false,
     [](const std::string&, const std::string&) {
         reset_counts();
         return json("{}");
     }},
    {"/waiting", http::verb::get, false,
     [](const std::string&, const std::string&) {
         auto held = counts();
         std::erase_if(held, [](const site_state& site) { return site.waiting == 0; });
         return json(object({member("waiting", array(held, counts_text))}));
     }},
    {"/release", http::verb::post, true,
     [](const std::string& match, const std::string&) {
         return json(object({member("released", std::to_string(release(match)))}));
     }},
};

http_response answer_or_throw(const http_request& request) {
    // A browser names the page that asks: no page of any site is to reach what listens on its user's machine.
    if (request.find(http::field::origin) != request.end())
        throw refusal{error_answer(http::status::forbidden, "requests of web pages are refused")};
    const std::string_view target(request.target().data(), request.target().size());
    const std::size_t mark = target.find('?');
    const std::string_view path = target.substr(0, mark);
    const std::string_view query =
        mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
    const http::verb verb = request.method() == http::verb::head ? http::verb::get : request.method();

    std::string allowed;
    for (const endpoint& one : endpoints) {
        if (one.path != path)
            continue;
        if (one.verb == verb)
            return one.answer(match_of(query, one.takes_match), request.body());
        allowed += (allowed.empty() ? "" : ", ") + std::string(http::to_string(one.verb));
        if (one.verb == http::verb::get)
            allowed += ", HEAD";
    }
    if (allowed.empty())
        throw refusal{error_answer(http::status::not_found, "no such endpoint; GET / lists them")};
    http_response refused = error_answer(http::status::method_not_allowed, "this endpoint takes " + allowed);
    refused.set(http::field::allow, allowed);
    throw refusal{std::move(refused)};
}

}  // namespace

http_response error_answer(http::status status, std::string_view what, std::optional<std::size_t> position) {
    const std::string error = member("error", json_quoted(what));
    http_response response =
        json(position ? object({error, member("position", std::to_string(*position))}) : object({error}));
    response.result(status);
    return response;
}

http_response answer(const http_request& request) {
    try {
        return answer_or_throw(request);
    } catch (refusal& refused) {
        return std::move(refused.answer);
    } catch (const override_error& error) {
        return error_answer(http::status::bad_request, error.what(), error.position());
    } catch (const std::exception& error) {
        return error_answer(http::status::internal_server_error, error.what());
    }
}

}  // namespace squall::injection
