// http-client HOST PORT put NAME VERSION TEXT, or HOST PORT get NAME. Exit code 3: no such note.
#include "http/client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

namespace {

boost::asio::awaitable<int> talk(notes::client& client, const std::vector<std::string>& words) {
    boost::system::error_code ec;
    std::optional<notes::client::note> found;
    if (words[0] == "put")
        ec = co_await client.put(words[1], std::strtoull(words[2].c_str(), nullptr, 10), words[3]);
    else
        ec = co_await client.get(words[1], found);
    if (ec) {
        std::cerr << "http-client: " << ec.message() << '\n';
        co_return 1;
    }
    if (words[0] == "put")
        co_return 0;
    if (!found)
        co_return 3;
    std::cout << found->text << '\n';
    co_return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + (argc < 3 ? argc : 3), argv + argc);
    const bool put = words.size() == 4 && words[0] == "put";
    const bool get = words.size() == 2 && words[0] == "get";
    if (!put && !get) {
        std::cerr << "usage: http-client HOST PORT put NAME VERSION TEXT | get NAME\n";
        return 2;
    }
    boost::asio::io_context context(1);
    notes::client client(context.get_executor(), argv[1], argv[2]);
    int result = 1;
    boost::asio::co_spawn(context, talk(client, words),
                          [&](const std::exception_ptr& problem, int code) { result = problem ? 1 : code; });
    context.run();
    return result;
}
