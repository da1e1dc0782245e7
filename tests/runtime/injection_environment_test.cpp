// A program whose faults its environment switches.
#include "injection_client.h"
#include "injection_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

namespace {

using boost::beast::http::verb;
using testing::HasSubstr;
using testing::Not;

// The subject with variables ("NAME='value' ...") before it. What it prints, on stdout and stderr.
class subject {
public:
    explicit subject(const std::string& variables, const std::string& argument = {})
        : pipe_(popen(("env " + variables + " " INJECTION_SUBJECT " " + argument + " 2>&1").c_str(), "r")) {}
    ~subject() { status(); }
    subject(const subject&) = delete;
    subject& operator=(const subject&) = delete;

    std::string line() {
        std::array<char, 1024> text{};
        return std::fgets(text.data(), text.size(), pipe_) == nullptr ? "" : text.data();
    }
    std::string rest() {
        std::string all;
        for (std::string one = line(); !one.empty(); one = line())
            all += one;
        return all;
    }
    int status() {
        if (pipe_ != nullptr)
            status_ = pclose(pipe_);
        pipe_ = nullptr;
        return status_;
    }

private:
    FILE* pipe_;
    int status_ = 0;
};

// Fails if a program without the variables says or does anything.
TEST(InjectionEnvironment, OffUnlessAsked) {
    subject plain("-u SQUALL_INJECT SQUALL_INJECT_HTTP=");
    EXPECT_EQ(plain.rest(), "fires: no\n");
    EXPECT_EQ(plain.status(), 0);
}

// Fails if a program that only links the library does not obey its environment, or does so silently.
TEST(InjectionEnvironment, OverridesAreInForceBeforeMain) {
    subject told("SQUALL_INJECT='subject: fires=fire'");
    const std::string output = told.rest();
    EXPECT_THAT(output, HasSubstr("fires: yes\n"));
    EXPECT_THAT(output, HasSubstr("squall: fault injection is on: \"subject: fires\"=fire\n"));
    EXPECT_EQ(told.status(), 0);
}

// Fails if the seed of the environment has no part in the decisions.
TEST(InjectionEnvironment, TheSeedDecides) {
    int fired = 0;
    for (int seed = 0; seed < 40; ++seed) {
        subject one("SQUALL_INJECT_SEED=" + std::to_string(seed) + " SQUALL_INJECT='subject: fires=50%fire'");
        fired += one.rest().find("fires: yes") != std::string::npos ? 1 : 0;
    }
    EXPECT_GT(fired, 5);
    EXPECT_LT(fired, 35);
}

// Fails if a mistake ends the program, is not told with its place, or some of the text is obeyed.
TEST(InjectionEnvironment, AMistakeIsToldAndNothingIsOn) {
    subject malformed("SQUALL_INJECT='subject: fires=fire; subject: ends=explode'");
    std::string output = malformed.rest();
    EXPECT_THAT(output, HasSubstr("squall: SQUALL_INJECT is ignored: "));
    EXPECT_THAT(output, HasSubstr("position 35"));
    EXPECT_THAT(output, HasSubstr("fires: no\n"));
    EXPECT_EQ(malformed.status(), 0);

    subject unmatched("SQUALL_INJECT='subject: fires=fire; subject: edns=off'");
    output = unmatched.rest();
    EXPECT_THAT(output, HasSubstr("subject: edns"));
    EXPECT_THAT(output, HasSubstr("position 21"));
    EXPECT_THAT(output, HasSubstr("fires: no\n"));

    for (const char* variable :
         {"SQUALL_INJECT_SEED=-1", "SQUALL_INJECT_HTTP=65536", "SQUALL_INJECT_HTTP=x:0",
          "SQUALL_INJECT_HTTP=127.0.0.1:", "SQUALL_INJECT_HTTP=8.8.8.8:0"}) {
        subject wrong(std::string("SQUALL_INJECT='subject: fires=fire' ") + variable);
        output = wrong.rest();
        EXPECT_THAT(output, HasSubstr("is ignored: ")) << variable;
        EXPECT_THAT(output, HasSubstr("fires: yes\n")) << variable;
        EXPECT_THAT(output, Not(HasSubstr("http://"))) << variable;
        EXPECT_EQ(wrong.status(), 0);
    }
}

// Fails if a running program cannot be reached where it says, or does not end well with its server running.
TEST(InjectionEnvironment, ARunningProgramIsSwitchedOverHttp) {
    for (const char* where : {"0", "127.0.0.1:0", "127.0.0.2:0"}) {
        subject running(std::string("SQUALL_INJECT_HTTP=") + where, "wait");
        const std::string greeting = running.line();
        const std::string address = std::string(where) == "127.0.0.2:0" ? "127.0.0.2" : "127.0.0.1";
        const std::string before = "squall: fault injection over http://" + address + ":";
        ASSERT_THAT(greeting, testing::StartsWith(before));
        const auto port = static_cast<std::uint16_t>(std::stoi(greeting.substr(before.size())));
        EXPECT_EQ(running.line(), "fires: no\n");
        EXPECT_EQ(
            http_client(port, address).ask(verb::get, "/sites?match=subject:*").json().at("sites").size(),
            2u);
        EXPECT_EQ(http_client(port, address).ask(verb::put, "/overrides", "subject: ends=nth(3)").status,
                  200u);
        EXPECT_EQ(running.rest(), "");
        EXPECT_EQ(running.status(), 0);
    }
}

}  // namespace
