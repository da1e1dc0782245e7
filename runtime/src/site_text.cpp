// Texts and identities of site records.
#include <squall/site_text.h>

#include <squall/text_hash.h>

#include <map>
#include <set>
#include <tuple>

namespace squall {
namespace {

bool is_unnamed(const raw_site& site) {
    return site.id == 0 && site.text.detail.empty() &&
           (site.kind == site_kind::buggify || site.kind == site_kind::knob);
}

}  // namespace

std::optional<site_text> read_site_text(std::string_view bytes) {
    site_text result;
    std::size_t at = 0;
    for (auto* field : {&result.rule, &result.file, &result.function, &result.detail}) {
        const std::size_t end = bytes.find('\0', at);
        if (end == std::string_view::npos)
            return std::nullopt;
        *field = bytes.substr(at, end - at);
        at = end + 1;
    }
    result.all = bytes.substr(0, at);
    const std::string_view rest = bytes.substr(at);
    result.further = rest.substr(0, rest.find('\0'));
    return result;
}

std::vector<resolved_site> resolve_sites(std::span<const raw_site> sites) {
    std::map<std::pair<std::string_view, std::uint32_t>, std::string_view> functions;
    for (const raw_site& site : sites)
        if (site.kind == site_kind::function_name)
            functions.emplace(std::pair(site.text.file, site.line), site.text.further);

    const auto function_of = [&](const raw_site& site) -> std::string_view {
        if (!site.text.function.empty())
            return site.text.function;
        const auto found = functions.find({site.text.file, site.line});
        return found == functions.end() ? std::string_view() : found->second;
    };

    // Lines of the places without a name, by what is to number them.
    using scope = std::tuple<std::string_view, std::string_view, std::string_view>;
    std::map<scope, std::set<std::uint32_t>> unnamed;
    for (const raw_site& site : sites)
        if (is_unnamed(site))
            unnamed[{site.text.rule, site.text.file, function_of(site)}].insert(site.line);

    std::vector<resolved_site> all;
    for (std::size_t i = 0; i < sites.size(); ++i) {
        const raw_site& site = sites[i];
        if (site.kind == site_kind::function_name)
            continue;
        resolved_site& result = all.emplace_back();
        result.raw = i;
        result.function = function_of(site);
        result.detail = site.text.detail;
        result.id = site.id != 0 ? site.id : text_hash(site.text.all);
        if (is_unnamed(site)) {
            const auto& lines = unnamed[{site.text.rule, site.text.file, result.function}];
            result.detail = "#" + std::to_string(std::distance(lines.begin(), lines.find(site.line)) + 1);
            std::string text;
            for (const std::string_view part :
                 {site.text.rule, site.text.file, std::string_view(result.function),
                  std::string_view(result.detail)})
                text.append(part).push_back('\0');
            result.id = text_hash(text);
        }
    }
    return all;
}

}  // namespace squall
