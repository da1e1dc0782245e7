// Faults as text: shown, kept, read back, changed by name.
#include <squall/fault_text.h>

#include "support.h"

#include <squall/simulation.h>

#include <fstream>
#include <set>

namespace {

using namespace squall::testing_support;
using squall::draw_faults;
using squall::faults;
using squall::profile;
using squall::set_faults;
using testing::HasSubstr;

std::string error_of(std::string_view text) {
    faults f = draw_faults(3, profile::hostile);
    const std::string before = to_json(f);
    try {
        set_faults(f, text);
    } catch (const squall::fault_text_error& error) {
        EXPECT_EQ(to_json(f), before) << "an error changed something";
        return error.what();
    }
    return "no error";
}

// Fails if a value drawn is lost or changed on its way through text or JSON.
TEST(FaultText, ReadsBackWhatItWrote) {
    std::set<std::string> different;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        const faults f = draw_faults(seed, profile::swarm);
        faults from_text;
        set_faults(from_text, to_string(f));
        EXPECT_EQ(to_json(from_text), to_json(f)) << to_string(f);
        faults from_json = draw_faults(seed + 1, profile::hostile);
        set_faults(from_json, to_json(f));
        EXPECT_EQ(to_json(from_json), to_json(f));
        different.insert(to_json(f));
    }
    EXPECT_GT(different.size(), 290u);
}

// Fails if a name sets another value than its own, or none.
TEST(FaultText, EachNameSetsItsValue) {
    std::set<std::string> results;
    const auto names = squall::fault_names();
    EXPECT_GT(names.size(), 80u);
    for (const std::string& name : names) {
        const std::string value = name.substr(name.find('.') + 1);
        bool set = false;
        for (const char* text : {"0.375", "12345", "1.5s", "uniform", "pct"}) {
            faults f;
            try {
                set_faults(f, name + "=" + text);
            } catch (const squall::fault_text_error&) {
                continue;  // not of this type
            }
            set = true;
            const std::string shown = to_string(f);
            EXPECT_EQ(shown, name.substr(0, name.find('.')) + ": " + value + "=" + text + "\n");
            results.insert(shown);
            break;
        }
        EXPECT_TRUE(set) << name;
    }
    EXPECT_EQ(results.size(), names.size());
}

TEST(FaultText, TimesHaveUnits) {
    const auto time_of = [](std::string_view text) {
        faults f;
        set_faults(f, "attrition.every=" + std::string(text));
        return f.attrition.every;
    };
    EXPECT_EQ(time_of("0"), 0ns);
    EXPECT_EQ(time_of("17ns"), 17ns);
    EXPECT_EQ(time_of("1.5us"), 1500ns);
    EXPECT_EQ(time_of("250ms"), 250ms);
    EXPECT_EQ(time_of("2min"), 2min);
    EXPECT_EQ(time_of("36h"), 36h);
    EXPECT_EQ(time_of("0.000000001s"), 1ns);
    faults f;
    f.attrition.every = 90min + 1ns;
    EXPECT_EQ(to_string(f), "attrition: every=5400.000000001s\n");
    f.attrition.every = 2h;
    EXPECT_EQ(to_string(f), "attrition: every=2h\n");
}

TEST(FaultText, TakesLinesListsJsonInjectorsAndFiles) {
    faults f = draw_faults(1, profile::hostile);
    set_faults(f, "calm");
    EXPECT_EQ(to_string(f), "calm");
    set_faults(f,
               "# what we can bear, today\nnetwork: flip_bit=0.01 window=4096\nattrition.every=2s, "
               "schedule.policy=pos;pauses.every=1s\n");
    EXPECT_EQ(f.network.flip_bit, 0.01);
    EXPECT_EQ(f.network.window, 4096u);
    EXPECT_EQ(f.attrition.every, 2s);
    EXPECT_EQ(f.schedule.policy, squall::schedule_policy::pos);
    set_faults(f, R"({"network": {"flip_bit": 0, "shape": "bimodal"}, "pauses": "off"})");
    EXPECT_EQ(f.network.flip_bit, 0);
    EXPECT_EQ(f.network.shape, squall::latency_shape::bimodal);
    EXPECT_EQ(f.pauses.every, 0ns);
    set_faults(f, "attrition=off");
    EXPECT_EQ(f.attrition.every, 0ns);

    const std::string path = testing::TempDir() + "fault_text_test.faults";
    std::ofstream(path) << "network.clog=0.5\nclogging: every=3s\n";
    set_faults(f, "@" + path + ", network.window=512");
    EXPECT_EQ(f.network.clog, 0.5);
    EXPECT_EQ(f.clogging.every, 3s);
    EXPECT_EQ(f.network.window, 512u);
    std::ofstream(path) << to_json(draw_faults(8, profile::hostile));
    set_faults(f, "@" + path);
    EXPECT_EQ(to_json(f), to_json(draw_faults(8, profile::hostile)));
    std::remove(path.c_str());
}

TEST(FaultText, ErrorsNameTheCulpritAndWhatIsRight) {
    EXPECT_THAT(error_of("network.flipbit=1"), HasSubstr("'network.flipbit'"));
    EXPECT_THAT(error_of("flip_bit=1"), HasSubstr("is it network.flip_bit?"));
    EXPECT_THAT(error_of("network.flip_bit=1.01"), HasSubstr("from 0 to 1"));
    EXPECT_THAT(error_of("network.flip_bit=-0.1"), HasSubstr("number from 0"));
    EXPECT_THAT(error_of("network.flip_bit=nan"), HasSubstr("number from 0"));
    EXPECT_THAT(error_of("network.clog=0.5,network.window=-1"), HasSubstr("from 0 to 4294967295"));
    EXPECT_THAT(error_of("attrition.every=2"), HasSubstr("unit"));
    EXPECT_THAT(error_of("attrition.every=-2s"), HasSubstr("unit"));
    EXPECT_THAT(error_of("attrition.every=1e3s"), HasSubstr("unit"));
    EXPECT_THAT(error_of("attrition.every=2000000h"), HasSubstr("1000000h"));
    EXPECT_THAT(error_of("schedule.policy=lifo"), HasSubstr("one of window, pos, pct"));
    EXPECT_THAT(error_of("storage=off"), HasSubstr("'storage'")) << "no injector";
    EXPECT_THAT(error_of("network"), HasSubstr("'network'"));
    EXPECT_THAT(error_of("@/nowhere/at/all"), HasSubstr("/nowhere/at/all"));
    EXPECT_THAT(error_of("{\"network\": 3"), HasSubstr("JSON"));
    EXPECT_THAT(error_of("{\"network\": {\"clog\": []}}"), HasSubstr("network.clog=[]"));
    EXPECT_EQ(error_of(""), "no error");
}

class still : public squall::workload {
public:
    asio::awaitable<void> run(squall::workload_context& self) override {
        co_await sleep(self.executor(), 1s);
    }
};

// Fails if a run's options show other faults than it had, or a change is not the last word.
TEST(FaultText, ChangesComeAfterDrawingAndTuning) {
    squall::simulation sim("text");
    const std::string text = "network.clog=0.25";
    sim.workload("w", 1, [] { return std::make_unique<still>(); })
        .tune([](faults& f) { f.network.clog = 0.5; })
        .set_faults("network.clog=0.125, network.window=600")
        .set_faults(text)
        .seeds(1);
    EXPECT_THROW(sim.set_faults("network.clog=2"), squall::fault_text_error);
    ASSERT_EQ(::setenv("SQUALL_FAULTS", "network.window=700", 1), 0);
    squall::report report = sim.run();
    ::unsetenv("SQUALL_FAULTS");
    EXPECT_TRUE(report.ok()) << report;

    squall::simulation::plan plan;
    plan.workloads.push_back({"w", 1, [] { return std::make_unique<still>(); }});
    plan.fault_changes = {"network.window=700"};
    const auto result =
        squall::run_seed(plan, {.seed = 5, .chosen = profile::hostile, .faults = "network.window=800"});
    EXPECT_THAT(result.options, HasSubstr(" window=800"));
    faults again;
    set_faults(again, result.options);
    faults expected = draw_faults(5, profile::hostile);
    expected.network.window = 800;
    EXPECT_EQ(to_json(again), to_json(expected));
}

}  // namespace
