// Who decides about sites on threads without a run: nobody, unless fault injection in production is on.
#ifndef SQUALL_RUNTIME_PROCESS_SITES_H
#define SQUALL_RUNTIME_PROCESS_SITES_H

#include <squall/site.h>

namespace squall {

// Called from any thread, at any time once installed.
class process_sites {
public:
    virtual bool fire(const site_record& site) noexcept = 0;
    // The override's value in *value; false: the program's own stays.
    virtual bool value(const site_record& site, double* value) noexcept = 0;

protected:
    ~process_sites() = default;
};

// Null takes it out. What was installed must live as long as the process.
void install_process_sites(process_sites* sites) noexcept;
process_sites* installed_process_sites() noexcept;

}  // namespace squall

#endif  // SQUALL_RUNTIME_PROCESS_SITES_H
