// Finds the bytes of one section in ELF files and archives.
#include "elf_file.h"

#include "error.h"
#include "text.h"
#include "worker_process.h"

#include <fmt/format.h>

#include <bit>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace squall::cli {

static_assert(std::endian::native == std::endian::little, "the fields below are read as they stand");

namespace {

using bytes = std::span<const std::byte>;

constexpr std::string_view archive_magic = "!<arch>\n";
constexpr std::string_view thin_magic = "!<thin>\n";
constexpr std::size_t member_header_size = 60;

std::string_view as_text(bytes part) {
    return {reinterpret_cast<const char*>(part.data()), part.size()};
}

[[noreturn]] void damaged(const std::string& origin, std::uint64_t at, std::string_view what) {
    throw error(fmt::format("{} is damaged at byte {}: {}", origin, at, what));
}

// The part of `whole` from `at`, of `size` bytes; nothing if it does not lie in it.
std::optional<bytes> part_of(bytes whole, std::uint64_t at, std::uint64_t size) {
    if (at > whole.size() || size > whole.size() - at) {
        return std::nullopt;
    }
    return whole.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(size));
}

class elf_reader {
public:
    elf_reader(std::string origin, bytes file) : origin_(std::move(origin)), file_(file) {}

    void find(std::string_view wanted, std::vector<section_bytes>& found) {
        read_header();
        if (header_.e_shoff == 0) {
            throw error(fmt::format("{} has no section headers (stripped by sstrip or a packer?)", origin_));
        }
        const auto first = section_header(0);
        const std::uint64_t count = header_.e_shnum != 0 ? header_.e_shnum : first.sh_size;
        const std::uint64_t names_index =
            header_.e_shstrndx != SHN_XINDEX ? header_.e_shstrndx : first.sh_link;
        if (count > file_.size() / sizeof(Elf64_Shdr)) {
            damaged(origin_, header_.e_shoff, fmt::format("it claims {} sections", count));
        }
        if (names_index >= count) {
            damaged(origin_, offsetof(Elf64_Ehdr, e_shstrndx), "the section of section names does not exist");
        }
        const bytes names = contents(section_header(names_index), names_index);
        for (std::uint64_t i = 1; i < count; ++i) {
            const Elf64_Shdr header = section_header(i);
            if (name_in(names, header.sh_name, i) != wanted) {
                continue;
            }
            if (header.sh_type == SHT_NOBITS) {
                throw error(fmt::format(
                    "{}: the section {} has no contents here (a file with debug information alone?)", origin_,
                    wanted));
            }
            if ((header.sh_flags & SHF_COMPRESSED) != 0) {
                throw error(fmt::format("{}: the section {} is compressed, which squall does not write",
                                        origin_, wanted));
            }
            const bytes content = contents(header, i);
            found.push_back({origin_, header.sh_offset, {content.begin(), content.end()}});
        }
    }

private:
    void read_header() {
        const auto part = part_of(file_, 0, sizeof header_);
        if (!part) {
            damaged(origin_, file_.size(), "it ends within the ELF header");
        }
        std::memcpy(&header_, part->data(), sizeof header_);
        if (header_.e_ident[EI_CLASS] != ELFCLASS64) {
            throw error(fmt::format(
                "{} is an ELF file of another class than 64 bits (byte {} is {}), which squall does not read",
                origin_, EI_CLASS, header_.e_ident[EI_CLASS]));
        }
        if (header_.e_ident[EI_DATA] != ELFDATA2LSB) {
            throw error(fmt::format("{} is an ELF file for a big-endian machine, which squall does not read",
                                    origin_));
        }
        if (header_.e_ident[EI_VERSION] != EV_CURRENT) {
            damaged(origin_, EI_VERSION, fmt::format("ELF version {}", header_.e_ident[EI_VERSION]));
        }
        if (header_.e_shoff != 0 && header_.e_shentsize != sizeof(Elf64_Shdr)) {
            damaged(origin_, offsetof(Elf64_Ehdr, e_shentsize),
                    fmt::format("section headers of {} bytes instead of {}", header_.e_shentsize,
                                sizeof(Elf64_Shdr)));
        }
    }

    Elf64_Shdr section_header(std::uint64_t index) const {
        std::uint64_t at = 0;
        const bool beyond = __builtin_add_overflow(header_.e_shoff, index * sizeof(Elf64_Shdr), &at);
        const auto part = beyond ? std::nullopt : part_of(file_, at, sizeof(Elf64_Shdr));
        if (!part) {
            damaged(origin_, header_.e_shoff,
                    fmt::format("section header {} lies beyond the end of the file (truncated?)", index));
        }
        Elf64_Shdr header;
        std::memcpy(&header, part->data(), sizeof header);
        return header;
    }

    bytes contents(const Elf64_Shdr& header, std::uint64_t index) const {
        const auto part = header.sh_type == SHT_NOBITS ? std::optional<bytes>(bytes{})
                                                       : part_of(file_, header.sh_offset, header.sh_size);
        if (!part) {
            damaged(origin_, header_.e_shoff + index * sizeof(Elf64_Shdr),
                    fmt::format("section {} lies beyond the end of the file (truncated?)", index));
        }
        return *part;
    }

    std::string_view name_in(bytes names, std::uint32_t at, std::uint64_t index) const {
        const std::string_view text = as_text(names);
        const std::size_t end = at < text.size() ? text.find('\0', at) : std::string_view::npos;
        if (end == std::string_view::npos) {
            damaged(origin_, header_.e_shoff + index * sizeof(Elf64_Shdr),
                    fmt::format("section {} has no name", index));
        }
        return text.substr(at, end - at);
    }

    std::string origin_;
    bytes file_;
    Elf64_Ehdr header_ = {};
};

bool is_elf(bytes file) {
    return file.size() >= SELFMAG && std::memcmp(file.data(), ELFMAG, SELFMAG) == 0;
}

std::uint64_t decimal(std::string_view field, const std::string& origin, std::uint64_t at) {
    while (field.ends_with(' ')) {
        field.remove_suffix(1);
    }
    std::uint64_t value = 0;
    const auto [stop, code] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (code != std::errc() || stop != field.data() + field.size()) {
        damaged(origin, at, fmt::format("'{}' is not a number", printable(field)));
    }
    return value;
}

// The archives of ar(1), System V and GNU: a magic line, then members, each with a header of 60 bytes and
// padded to 2.
void find_in_archive(const std::string& path, bytes file, bool thin, std::string_view section,
                     std::vector<section_bytes>& found) {
    const std::string shown = printable(path);
    std::string_view long_names;
    std::uint64_t at = archive_magic.size();
    while (at < file.size()) {
        const auto head = part_of(file, at, member_header_size);
        if (!head) {
            damaged(shown, at, "it ends within the header of a member");
        }
        const std::string_view header = as_text(*head);
        if (header.substr(58, 2) != "`\n") {
            damaged(shown, at + 58, "the header of a member has no end mark");
        }
        const std::uint64_t size = decimal(header.substr(48, 10), shown, at + 48);
        std::string_view name = header.substr(0, 16);
        name = name.substr(0, name.find_last_not_of(' ') + 1);
        const bool special =
            name == "/" || name == "//" || name == "/SYM64/" || name.starts_with("__.SYMDEF");
        const std::uint64_t content_at = at + member_header_size;
        bytes content;
        if (!thin || special) {
            const auto part = part_of(file, content_at, size);
            if (!part) {
                damaged(
                    shown, at + 48,
                    fmt::format("a member of {} bytes lies beyond the end of the file (truncated?)", size));
            }
            content = *part;
        }
        at = content_at + content.size() + content.size() % 2;
        if (name == "//") {
            long_names = as_text(content);
        }
        if (special) {
            continue;
        }
        if (name.size() > 1 && name[0] == '/') {
            const std::uint64_t offset = decimal(name.substr(1), shown, content_at - member_header_size);
            if (offset >= long_names.size()) {
                damaged(shown, content_at - member_header_size, "the long name of a member does not exist");
            }
            name = long_names.substr(static_cast<std::size_t>(offset));
            name = name.substr(0, name.find('\n'));
        }
        if (name.ends_with('/')) {
            name.remove_suffix(1);
        }
        if (thin) {
            const std::filesystem::path member =
                std::filesystem::path(path).parent_path() / std::string(name);
            const mapped_file outside(member.string());
            if (is_elf(outside.bytes())) {
                elf_reader(printable(member.string()), outside.bytes()).find(section, found);
            }
        } else if (is_elf(content)) {
            elf_reader(fmt::format("{}({})", shown, printable(name)), content).find(section, found);
        }
    }
}

}  // namespace

mapped_file::mapped_file(const std::string& path) {
    const std::string shown = printable(path);
    const unique_fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    struct stat status = {};
    if (!file || fstat(file.get(), &status) != 0) {
        throw error(fmt::format("cannot read {}: {}", shown, std::strerror(errno)));
    }
    if (!S_ISREG(status.st_mode)) {
        throw error(fmt::format("{} is not a regular file", shown));
    }
    size_ = static_cast<std::size_t>(status.st_size);
    if (size_ == 0) {
        return;
    }
    void* data = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (data == MAP_FAILED) {
        throw error(fmt::format("cannot read {}: {}", shown, std::strerror(errno)));
    }
    data_ = static_cast<const std::byte*>(data);
}

mapped_file::~mapped_file() {
    if (data_ != nullptr) {
        munmap(const_cast<std::byte*>(data_), size_);
    }
}

binary_format format_of(std::span<const std::byte> file) {
    const std::string_view text = as_text(file);
    return is_elf(file)                      ? binary_format::elf
           : text.starts_with(archive_magic) ? binary_format::archive
           : text.starts_with(thin_magic)    ? binary_format::thin_archive
                                             : binary_format::other;
}

std::vector<section_bytes> find_sections(const std::string& path, std::string_view section) {
    const mapped_file file(path);
    std::vector<section_bytes> found;
    switch (format_of(file.bytes())) {
        case binary_format::elf:
            elf_reader(printable(path), file.bytes()).find(section, found);
            break;
        case binary_format::archive:
            find_in_archive(path, file.bytes(), false, section, found);
            break;
        case binary_format::thin_archive:
            find_in_archive(path, file.bytes(), true, section, found);
            break;
        case binary_format::other:
            throw error(fmt::format(
                "{} is neither an ELF file or an archive of them, nor a campaign file, nor the output "
                "directory of squall instrument",
                printable(path)));
    }
    return found;
}

}  // namespace squall::cli
