// One node keeps the directory and the store for a cluster; the others reach them as they reach actors.
//
//   on the one node:   squall::actors::serve_authority(here, the_directory, the_store);
//   on all others:     options.directory = squall::actors::remote_directory(services, where);
//                      options.store = squall::actors::remote_store(services, where);
//
// where `services` is a node without a directory, of the same process and executor, that makes the calls.
#ifndef SQUALL_ACTORS_AUTHORITY_H
#define SQUALL_ACTORS_AUTHORITY_H

#include <squall/actors/directory.h>
#include <squall/actors/node.h>
#include <squall/actors/store.h>

#include <memory>

namespace squall::actors {

// Registers what answers the other nodes. Before node::start().
void serve_authority(node& here, std::shared_ptr<directory> the_directory,
                     std::shared_ptr<state_store> the_store);

// What is asked of them goes to the node at `where`, and is tried again until it is answered, for `patience`
// at most. `services` must outlive them.
std::shared_ptr<directory> remote_directory(node& services, const asio::ip::tcp::endpoint& where,
                                            std::chrono::nanoseconds patience = 2s);
std::shared_ptr<state_store> remote_store(node& services, const asio::ip::tcp::endpoint& where,
                                          std::chrono::nanoseconds patience = 5s);

}  // namespace squall::actors

#endif  // SQUALL_ACTORS_AUTHORITY_H
