// Seen through the translation unit that includes it.
struct time_settings {
    int keepalive_interval_sec = 25;
};
