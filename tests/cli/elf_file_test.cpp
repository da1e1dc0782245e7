// The reader of ELF files and archives finds what the compiler wrote, and survives any damage to it.
#include "elf_file.h"

#include "command.h"
#include "error.h"
#include "site_source.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace squall::cli {
namespace {

std::string sample() {
    std::ifstream file(SAMPLE_SITES, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

std::string member(const std::string& name, const std::string& bytes) {
    std::string header = name;
    header.resize(16, ' ');
    header += "0           0     0     644     ";
    std::string size = std::to_string(bytes.size());
    size.resize(10, ' ');
    return header + size + "`\n" + bytes + (bytes.size() % 2 == 1 ? "\n" : "");
}

class ElfFile : public test::in_directory {};

TEST_F(ElfFile, FindsTheRecordsOfAnObjectFile) {
    const site_listing listing = read_sites(SAMPLE_SITES);
    ASSERT_EQ(listing.places.size(), 2u);
    EXPECT_EQ(listing.places[0].what.id, "00000000000000b1");
    EXPECT_EQ(listing.places[1].what.function, "kv::log::append");
}

TEST_F(ElfFile, FindsThemInAnArchive) {
    write("a.a", "!<arch>\n" + member("/", "xxxx") + member("//", "a_name_that_is_long.cpp.o/\n") +
                     member("notes.txt/", "odd") + member("/0", sample()));
    EXPECT_EQ(read_sites("a.a").places.size(), 2u);
    write("thin.a", "!<thin>\n" + member("sample.o/", sample()).substr(0, 60));
    write("sample.o", sample());
    EXPECT_EQ(read_sites("thin.a").places.size(), 2u);
}

TEST_F(ElfFile, EveryTruncationIsAnErrorOrAListing) {
    const std::string whole = sample();
    const std::size_t step = whole.size() / 100 + 1;
    for (std::size_t length = 0; length < whole.size(); length += length < 512 ? 1 : step) {
        write("cut.o", whole.substr(0, length));
        EXPECT_THROW(read_sites("cut.o"), error) << length;
    }
}

TEST_F(ElfFile, NoDamagedByteDoesHarm) {
    // A reader that trusted an offset or a size would read outside the file, which the sanitizers of the asan
    // build see.
    const std::string whole = sample();
    const std::size_t step = whole.size() / 600 + 1;
    for (std::size_t at = 0; at < whole.size(); at += at < 64 ? 1 : step) {
        for (const char value : {'\x00', '\x7f', '\xff'}) {
            std::string bytes = whole;
            bytes[at] = value;
            write("bad.o", bytes);
            try {
                read_sites("bad.o");
            } catch (const error&) {
            }
        }
    }
}

TEST_F(ElfFile, DamagedArchivesAreErrors) {
    const std::string whole = "!<arch>\n" + member("a.o/", sample());
    for (const std::size_t length : {std::size_t{9}, std::size_t{40}, whole.size() - 10}) {
        write("cut.a", whole.substr(0, length));
        EXPECT_THROW(read_sites("cut.a"), error) << length;
    }
    for (std::size_t at = 8; at < 68; ++at) {
        std::string bytes = whole;
        bytes[at] = '\xff';
        write("bad.a", bytes);
        try {
            read_sites("bad.a");
        } catch (const error&) {
        }
    }
}

TEST_F(ElfFile, OtherMachinesAndOtherFilesAreNamed) {
    const auto problem = [](const std::string& bytes) -> std::string {
        write("other", bytes);
        try {
            read_sites("other");
        } catch (const error& problem) {
            return problem.what();
        }
        return "";
    };
    std::string bytes = sample();
    bytes[4] = 1;
    EXPECT_NE(problem(bytes).find("64 bits"), std::string::npos);
    bytes = sample();
    bytes[5] = 2;
    EXPECT_NE(problem(bytes).find("big-endian"), std::string::npos);
    EXPECT_NE(problem("#!/bin/sh\n").find("neither an ELF file"), std::string::npos);
    EXPECT_NE(problem("").find("neither an ELF file"), std::string::npos);
}

}  // namespace
}  // namespace squall::cli
