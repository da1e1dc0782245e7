// RUN: %lint %s %t
// RUN: sh -c '%squall lint -p %t --fix %t/uninitialised.cpp; cat %t/uninitialised.cpp' 2>&1 | FileCheck %s
// CHECK: 2 fixes applied
// CHECK: int x = 0;
// CHECK: int y = 0;

int a(int n) {
    int x;
    if (n > 0)  // finds uninitialised
        x = 1;
    return x;
}
int b() {
    int y;
    return y + 1;  // finds uninitialised
}

// What must stay silent.
int c(int n) {
    int z;
    if (n > 0)
        z = 1;
    else
        z = 2;
    return z;
}
