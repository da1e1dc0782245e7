#include "places.h"
int second(int n) {
    if (n == 12345)
        SQUALL_UNREACHABLE("the second unit is never given 12345");
    return use_all(2 * n);
}
