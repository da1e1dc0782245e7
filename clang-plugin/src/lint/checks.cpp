// The tables: checks, and the names that each of them looks for.
#include "lint/checks.h"

#include <llvm/Support/GlobPattern.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <unordered_map>

namespace squall::rewrite {
namespace {

constexpr std::array table{
    lint_check{"wall-clock", "reads of a real clock",
               "take the provider's time (squall/clock.h), or pass the time in"},
    lint_check{"random", "random numbers that no seed decides",
               "draw from the provider (squall/random.h), or from an engine with a seed that is passed in"},
    lint_check{"thread", "threads and processes of the program's own",
               "spawn coroutines on the executor; the simulator runs one thread"},
    lint_check{"sleep", "sleeps in real time", "wait for a squall::timer (squall/timer.h)"},
    lint_check{"timer", "timers of Asio itself, which run in real time",
               "take squall::timer (squall/timer.h)"},
    lint_check{"socket", "sockets and name lookups past the providers",
               "take squall::stream, acceptor, datagram_socket or resolver"},
    lint_check{"file", "files past the providers", "take squall::file (squall/file.h)"},
    lint_check{"environment", "what the machine or the process decides",
               "read it once at the start and pass it in"},
    lint_check{"unordered-iteration", "iteration over hash containers",
               "their order is the library's: copy and sort, or take an ordered container"},
    lint_check{"pointer-order", "containers and sorts ordered by address",
               "addresses differ from run to run: order by an id or a name"},
    lint_check{"address", "addresses turned into numbers or text",
               "addresses differ from run to run: take an id or an index"},
    lint_check{"uninitialised", "reads of variables that have no value yet", "initialise the variable"},
};

struct entry {
    std::string_view check;
    std::string_view names;  // separated by blanks
};

// By qualified name; what is C's has no namespace.
constexpr std::array functions{
    entry{"wall-clock",
          "std::chrono::system_clock::now std::chrono::steady_clock::now "
          "std::chrono::high_resolution_clock::now "
          "std::chrono::utc_clock::now std::chrono::tai_clock::now std::chrono::gps_clock::now "
          "std::chrono::file_clock::now boost::chrono::system_clock::now boost::chrono::steady_clock::now "
          "boost::date_time::second_clock::local_time boost::date_time::second_clock::universal_time "
          "boost::date_time::microsec_clock::local_time boost::date_time::microsec_clock::universal_time "
          "time gettimeofday clock_gettime clock ftime timespec_get times"},
    entry{"random",
          "rand srand random srandom drand48 lrand48 mrand48 srand48 arc4random arc4random_uniform "
          "arc4random_buf "
          "getrandom getentropy RAND_bytes uuid_generate uuid_generate_random std::random_shuffle"},
    entry{"thread", "std::async pthread_create thrd_create fork vfork boost::async"},
    entry{"sleep",
          "std::this_thread::sleep_for std::this_thread::sleep_until boost::this_thread::sleep_for "
          "boost::this_thread::sleep_until boost::this_thread::sleep sleep usleep nanosleep clock_nanosleep "
          "thrd_sleep"},
    entry{"socket",
          "socket socketpair accept accept4 getaddrinfo gethostbyname select pselect poll ppoll epoll_create "
          "epoll_create1 epoll_wait epoll_pwait"},
    entry{"file",
          "open open64 openat creat fopen fopen64 freopen tmpfile mkstemp rename remove unlink mkdir rmdir "
          "truncate "
          "ftruncate opendir scandir std::filesystem::exists std::filesystem::remove "
          "std::filesystem::remove_all "
          "std::filesystem::rename std::filesystem::create_directory std::filesystem::create_directories "
          "std::filesystem::copy std::filesystem::copy_file std::filesystem::file_size "
          "std::filesystem::resize_file std::filesystem::last_write_time std::filesystem::is_directory "
          "std::filesystem::is_regular_file std::filesystem::status std::filesystem::temp_directory_path"},
    entry{"environment",
          "getenv secure_getenv getpid getppid gethostname uname get_nprocs std::this_thread::get_id "
          "std::thread::hardware_concurrency std::jthread::hardware_concurrency"},
};

// By qualified name without template arguments: constructions but for copies, moves and ones without
// arguments of classes that do nothing by themselves.
constexpr std::array classes{
    entry{"random", "std::random_device boost::random_device boost::random::random_device"},
    entry{"thread",
          "std::thread std::jthread boost::thread boost::asio::thread_pool boost::asio::static_thread_pool "
          "asio::thread_pool"},
    entry{"timer",
          "boost::asio::basic_waitable_timer boost::asio::basic_deadline_timer asio::basic_waitable_timer"},
    entry{"socket",
          "boost::asio::basic_stream_socket boost::asio::basic_socket_acceptor "
          "boost::asio::basic_datagram_socket "
          "boost::asio::basic_raw_socket boost::asio::ip::basic_resolver asio::basic_stream_socket "
          "asio::basic_socket_acceptor asio::basic_datagram_socket asio::ip::basic_resolver"},
    entry{"file",
          "std::basic_ifstream std::basic_ofstream std::basic_fstream std::filesystem::directory_iterator "
          "std::filesystem::recursive_directory_iterator boost::asio::basic_stream_file "
          "boost::asio::basic_random_access_file"},
};

using index = std::unordered_map<std::string_view, const lint_check*>;

template <class Entries>
index index_of(const Entries& entries) {
    index by_name;
    for (const entry& each : entries) {
        std::string_view rest = each.names;
        while (!rest.empty()) {
            const std::size_t blank = std::min(rest.find(' '), rest.size());
            by_name[rest.substr(0, blank)] = &check_named(each.check);
            rest.remove_prefix(std::min(blank + 1, rest.size()));
        }
    }
    return by_name;
}

const lint_check* find(const index& by_name, std::string_view name) {
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : found->second;
}

}  // namespace

std::span<const lint_check> all_checks() {
    return table;
}

const lint_check& check_named(std::string_view name) {
    return *std::ranges::find(table, name, &lint_check::name);
}

bool is_meant(const lint_check& check, std::string_view pattern) {
    auto glob = llvm::GlobPattern::create(llvm::StringRef(pattern.data(), pattern.size()));
    if (!glob) {
        llvm::consumeError(glob.takeError());
        return false;
    }
    return glob->match("squall-" + std::string(check.name));
}

std::set<const lint_check*> select_checks(const std::vector<std::string>& list) {
    std::set<const lint_check*> chosen;
    if (std::ranges::all_of(list, [](const std::string& each) { return each.starts_with('-'); }))
        for (const lint_check& each : table)
            chosen.insert(&each);
    for (const std::string& word : list) {
        const bool off = word.starts_with('-');
        std::string pattern = off ? word.substr(1) : word;
        if (!pattern.starts_with("squall-") && pattern != "*")
            pattern.insert(0, "squall-");
        bool any = false;
        for (const lint_check& each : table) {
            if (!is_meant(each, pattern))
                continue;
            any = true;
            if (off)
                chosen.erase(&each);
            else
                chosen.insert(&each);
        }
        if (!any) {
            std::string what = "no check is named '" + word + "'; there are ";
            for (const lint_check& each : table)
                what.append(each.name).append(&each == &table.back() ? "" : ", ");
            throw std::invalid_argument(what);
        }
    }
    return chosen;
}

const lint_check* forbids_call(std::string_view function) {
    static const index by_name = index_of(functions);
    return find(by_name, function);
}

const lint_check* forbids_class(std::string_view name) {
    static const index by_name = index_of(classes);
    return find(by_name, name);
}

bool is_unordered(std::string_view name) {
    const std::size_t colon = name.rfind(':');
    const std::string_view last = colon == std::string_view::npos ? name : name.substr(colon + 1);
    const bool library =
        name.starts_with("std::") || name.starts_with("boost::") || name.starts_with("__gnu_cxx::");
    if (library &&
        (last.starts_with("unordered_") || last.starts_with("hash_map") || last.starts_with("hash_set")))
        return true;
    // Abseil, folly, phmap, tsl, ankerl and their likes.
    constexpr std::array<std::string_view, 9> others{"flat_hash_map", "flat_hash_set", "node_hash_map",
                                                     "node_hash_set", "F14FastMap",    "F14FastSet",
                                                     "robin_map",     "robin_set",     "hopscotch_map"};
    return std::ranges::find(others, last) != others.end();
}

}  // namespace squall::rewrite
