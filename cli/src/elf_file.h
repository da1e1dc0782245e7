// Finds the bytes of one section in ELF files of 64 bits and in archives of them, trusting nothing that they
// say.
#ifndef SQUALL_CLI_ELF_FILE_H
#define SQUALL_CLI_ELF_FILE_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace squall::cli {

// A file in memory, read-only.
class mapped_file {
public:
    // Throws error if it cannot be read.
    explicit mapped_file(const std::string& path);
    ~mapped_file();
    mapped_file(const mapped_file&) = delete;
    mapped_file& operator=(const mapped_file&) = delete;
    std::span<const std::byte> bytes() const { return {data_, size_}; }

private:
    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

// Bytes of a section, and where they stand, for messages.
struct section_bytes {
    std::string origin;    // path, with the archive's member in brackets
    std::uint64_t offset;  // in the file that `origin` names
    std::vector<std::byte> bytes;
};

enum class binary_format { elf, archive, thin_archive, other };
binary_format format_of(std::span<const std::byte> bytes);

// All sections of that name: an object file with COMDAT groups has many. Members of an archive that are no
// ELF files are skipped. Throws error naming the position where the file contradicts itself, or is for
// another kind of machine.
std::vector<section_bytes> find_sections(const std::string& path, std::string_view section);

}  // namespace squall::cli

#endif  // SQUALL_CLI_ELF_FILE_H
