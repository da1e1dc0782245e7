// The one file that differs between a program on Asio's own types and one on squall's: the names of the
// types. HTTP_ON_ASIO chooses Asio's; both programs are built, from the same sources.
#ifndef HTTP_NAMES_H
#define HTTP_NAMES_H

#ifdef HTTP_ON_ASIO
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#else
#include <squall/resolver.h>
#include <squall/stream.h>
#include <squall/timer.h>
#endif

namespace notes {

namespace asio = boost::asio;
using boost::system::error_code;

#ifdef HTTP_ON_ASIO
using stream = asio::ip::tcp::socket;
using acceptor = asio::ip::tcp::acceptor;
using resolver = asio::ip::tcp::resolver;
using timer = asio::steady_timer;
using endpoint = asio::ip::tcp::endpoint;
#else
using squall::acceptor;
using squall::endpoint;
using squall::resolver;
using squall::stream;
using squall::timer;
#endif

}  // namespace notes

#endif  // HTTP_NAMES_H
