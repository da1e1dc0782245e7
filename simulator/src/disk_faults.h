// What faults make of reads, writes, syncs and crashes of a process's disk.
#ifndef SQUALL_SIMULATOR_DISK_FAULTS_H
#define SQUALL_SIMULATOR_DISK_FAULTS_H

#include "disk_luck.h"

#include <squall/operation.h>

#include <memory>

namespace squall::simulator {

// Reads up to `wanted` bytes, which the buffers hold; gives how many. Damage among them counts as delivered
// when `at_the_end`, if it is set then, tells that the read was answered.
std::size_t read_from_disk(boot& owner, const disk_luck& luck, inode& file, std::uint64_t offset,
                           mutable_buffers buffers, std::size_t wanted, disk_device::effect& at_the_end);
// Writes the data, or so it says.
void write_to_disk(boot& owner, const disk_luck& luck, inode& file, std::uint64_t offset,
                   std::vector<char> data);
// At the end of a sync of what was pending at the mark.
void end_sync(boot& owner, const disk_luck& luck, inode& file, std::uint64_t mark);
// Bytes by which a file may become longer before the disk is full.
std::uint64_t room_on_disk(const boot& owner);
// The process died: what was not synced is gone, wholly or in part; each loss a decision that is recorded.
void crash_disk(process_state& p, std::uint64_t stream);

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_DISK_FAULTS_H
