// Digraphs, line splices and other ways to spell a brace.
// RUN: %rewrite %s %t | FileCheck %s
// RUN: %same %s %t
#include <cstdio>

// CHECK: bool write(int n) <% ::squall::reached({{.*}} { return false; }{{$}}
bool write(int n) <%
    if (n == 0) return false;
    return true;
%>
// CHECK: int naïve_ñ(int ñ) { ::squall::reached(
int naïve_ñ(int ñ) { return ñ; }
bool re\
ad(int n)
// CHECK: {{^}}{ ::squall::reached({{.*}} return false; } if (::squall::taken(
{ if (n == 0) return false; return true; }

int main() { std::printf("%d %d %d → \n", write(1), naïve_ñ(2), read(3)); }
