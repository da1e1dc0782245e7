// Scripts that complete squall's verbs and options in a shell.
#include "shell_completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

namespace squall::cli {

namespace {

// A text between single quotes.
std::string quoted(std::string_view text, std::string_view instead_of_quote) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') {
            out += instead_of_quote;
        } else {
            out += c;
        }
    }
    return out + "'";
}

std::string shell_quoted(std::string_view text) {
    return quoted(text, "'\\''");
}

std::string fish_quoted(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        escaped += c == '\\' ? "\\\\" : std::string(1, c);
    }
    return quoted(escaped, "\\'");
}

// What zsh's _arguments would take for its own.
std::string zsh_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out;
}

std::vector<std::string> names(const std::vector<option_entry>& options) {
    std::vector<std::string> all;
    for (const option_entry& option : options) {
        all.insert(all.end(), option.names.begin(), option.names.end());
    }
    return all;
}

// Branches of a `case $prev in`: what an option's value can be.
std::string bash_values(const std::vector<option_entry>& options) {
    std::string files;
    std::string others;
    std::string choices;
    for (const option_entry& option : options) {
        if (option.value.empty()) {
            continue;
        }
        const std::string pattern = fmt::format("{}", fmt::join(option.names, "|"));
        if (!option.choices.empty()) {
            choices +=
                fmt::format("                {}) COMPREPLY=($(compgen -W '{}' -- \"$cur\")); return ;;\n",
                            pattern, fmt::join(option.choices, " "));
        } else {
            std::string& list = option.is_file ? files : others;
            list += (list.empty() ? "" : "|") + pattern;
        }
    }
    std::string text = choices;
    if (!files.empty()) {
        text += fmt::format(
            "                {}) compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n",
            files);
    }
    if (!others.empty()) {
        text += fmt::format("                {}) return ;;\n", others);
    }
    return text;
}

}  // namespace

std::string bash_completion(const verb_entry& command, const std::vector<verb_entry>& verbs) {
    std::vector<std::string> words;
    for (const verb_entry& verb : verbs) {
        words.push_back(verb.name);
    }
    std::string text = fmt::format(R"sh(# bash completion for squall; made by `squall completion bash`.
_squall() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD - 1]}} verb='' options='' word i
    COMPREPLY=()
    # --option=value comes as three words.
    if [[ $cur == = ]]; then
        cur=''
    elif [[ $prev == = ]]; then
        prev=${{COMP_WORDS[COMP_CWORD - 2]}}
    fi
    for ((i = 1; i < COMP_CWORD; ++i)); do
        word=${{COMP_WORDS[i]}}
        if [[ $word == -- ]]; then
            compopt -o filenames
            COMPREPLY=($(compgen -f -- "$cur"))
            return
        fi
        if [[ -z $verb && $word != -* ]]; then
            verb=$word
        fi
    done
    case $verb in
        '')
            COMPREPLY=($(compgen -W '{} {}' -- "$cur"))
            return
            ;;
)sh",
                                   fmt::join(words, " "), fmt::join(names(command.options), " "));
    for (const verb_entry& verb : verbs) {
        text += fmt::format("        {})\n            options='{}'\n", verb.name,
                            fmt::join(names(verb.options), " "));
        if (const std::string values = bash_values(verb.options); !values.empty()) {
            text += "            case $prev in\n" + values + "            esac\n";
        }
        text += "            ;;\n";
    }
    return text + R"sh(    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$options --" -- "$cur"))
    else
        compopt -o filenames
        COMPREPLY=($(compgen -f -- "$cur"))
    fi
}
complete -F _squall squall
)sh";
}

std::string zsh_completion(const verb_entry& command, const std::vector<verb_entry>& verbs) {
    std::string text = R"sh(#compdef squall
# zsh completion for squall; made by `squall completion zsh`.
_squall() {
    local context state state_descr line
    typeset -A opt_args
    local -a verbs=(
)sh";
    for (const verb_entry& verb : verbs) {
        text += fmt::format("        {}\n", shell_quoted(verb.name + ":" + zsh_escaped(verb.description)));
    }
    text += "    )\n    _arguments -C";
    for (const option_entry& option : command.options) {
        for (const std::string& name : option.names) {
            text += " " + shell_quoted(fmt::format("{}[{}]", name, zsh_escaped(option.description)));
        }
    }
    text += R"sh( '1:verb:->verb' '*::argument:->rest'
    case $state in
        verb) _describe verb verbs ;;
        rest)
            case $words[1] in
)sh";
    for (const verb_entry& verb : verbs) {
        text += fmt::format("                {})\n                    _arguments -S", verb.name);
        for (const option_entry& option : verb.options) {
            const std::string action = !option.choices.empty()
                                           ? fmt::format("({})", fmt::join(option.choices, " "))
                                       : option.is_file ? "_files"
                                                        : " ";
            for (const std::string& name : option.names) {
                const std::string value =
                    option.value.empty() ? "" : fmt::format(":{}:{}", zsh_escaped(option.value), action);
                const std::string equals = option.value.empty() ? "" : name.starts_with("--") ? "=" : "+";
                text += " \\\n                        " +
                        shell_quoted(
                            fmt::format("*{}{}[{}]{}", name, equals, zsh_escaped(option.description), value));
            }
        }
        text += " \\\n                        '*:file:_files'\n                    ;;\n";
    }
    return text + R"sh(            esac
            ;;
    esac
}
_squall "$@"
)sh";
}

std::string fish_completion(const verb_entry& command, const std::vector<verb_entry>& verbs) {
    std::string text = "# fish completion for squall; made by `squall completion fish`.\n";
    const auto add = [&](const std::string& when, const option_entry& option) {
        text += fmt::format("complete -c squall -n {}", fish_quoted(when));
        for (const std::string& name : option.names) {
            text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
        }
        if (!option.choices.empty()) {
            text += fmt::format(" -x -a {}", fish_quoted(fmt::format("{}", fmt::join(option.choices, " "))));
        } else if (!option.value.empty()) {
            text += option.is_file ? " -r -F" : " -x";
        }
        text += fmt::format(" -d {}\n", fish_quoted(option.description));
    };
    for (const option_entry& option : command.options) {
        add("__fish_use_subcommand", option);
    }
    for (const verb_entry& verb : verbs) {
        text += fmt::format("complete -c squall -f -n __fish_use_subcommand -a {} -d {}\n", verb.name,
                            fish_quoted(verb.description));
        for (const option_entry& option : verb.options) {
            add("__fish_seen_subcommand_from " + verb.name, option);
        }
    }
    return text;
}

}  // namespace squall::cli
