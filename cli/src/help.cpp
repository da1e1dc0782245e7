// The layout of --help.
#include "help.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace squall::cli {

namespace {

constexpr std::size_t description_column = 30;
constexpr std::size_t help_columns = 100;

class help_formatter : public CLI::Formatter {
public:
    explicit help_formatter(std::string usage) : usage_(std::move(usage)) {
        column_width(description_column);
    }

    std::string make_usage(const CLI::App*, std::string) const override { return "Usage: " + usage_ + "\n"; }

    std::string make_option(const CLI::Option* option, bool is_positional) const override {
        const std::string default_text = option->get_default_str();
        std::string description = option->get_description();
        if (!default_text.empty() && option->get_expected_max() > 0) {
            description += " (default " + default_text + ")";
        }
        std::string head = "  " + make_option_name(option, is_positional);
        if (!option->get_type_name().empty() && option->get_expected_max() > 0) {
            head += " " + option->get_type_name();
        }
        return wrapped(head, description);
    }

    std::string make_subcommand(const CLI::App* verb) const override {
        return wrapped("  " + verb->get_name(), verb->get_description());
    }

private:
    // The description beside the head, or below it where the head is long.
    static std::string wrapped(const std::string& head, const std::string& description) {
        std::string out = head;
        std::size_t column = head.size();
        const auto new_line = [&] {
            out += '\n' + std::string(description_column, ' ');
            column = description_column;
        };
        if (column + 2 > description_column) {
            new_line();
        } else {
            out.append(description_column - column, ' ');
            column = description_column;
        }
        std::size_t at = 0;
        while (at < description.size()) {
            const std::size_t end = std::min(description.find(' ', at), description.size());
            const std::size_t length = end - at;
            if (column > description_column && column + 1 + length > help_columns) {
                new_line();
            } else if (column > description_column) {
                out += ' ';
                ++column;
            }
            out += description.substr(at, length);
            column += length;
            at = end + 1;
        }
        return out + '\n';
    }

    std::string usage_;
};

}  // namespace

void set_usage(CLI::App& verb, const std::string& usage) {
    verb.formatter(std::make_shared<help_formatter>(usage));
}

}  // namespace squall::cli
