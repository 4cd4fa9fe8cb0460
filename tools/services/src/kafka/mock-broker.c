// A Kafka broker for tests: the mock cluster of librdkafka (https://github.com/confluentinc/librdkafka/blob/master/src/rdkafka_mock.h),
// which speaks the real protocol over TCP on loopback and keeps everything in memory.
//
//   mock-broker BROKERS PORT ADVERTISED_PORT HASTE
//
// The first of its brokers listens on PORT and says that it is at ADVERTISED_PORT, where a test may have put a proxy; the others take
// any port. Time runs HASTE times faster in here, because a group of Kafka waits for three seconds until it begins.
//
// Linux alone: functions of this program take the place of those that the library calls.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int port, advertised_port, haste = 1;

static in_port_t *loopback_port(const struct sockaddr *address) {
    struct sockaddr_in *in = (struct sockaddr_in *)address;
    return in->sin_family == AF_INET ? &in->sin_port : NULL;
}

// Only the cluster's listeners are bound in this process, and the first of them comes first.
int bind(int fd, const struct sockaddr *address, socklen_t length) {
    static int bound;
    in_port_t *chosen = loopback_port(address);
    if (chosen != NULL && *chosen == 0 && bound++ == 0) *chosen = htons(port);
    return syscall(SYS_bind, fd, address, length);
}

int getsockname(int fd, struct sockaddr *address, socklen_t *length) {
    int result = syscall(SYS_getsockname, fd, address, length);
    in_port_t *found = result == 0 ? loopback_port(address) : NULL;
    if (found != NULL && *found == htons(port)) *found = htons(advertised_port);
    return result;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && clock == CLOCK_MONOTONIC) {
        long long ns = (now->tv_sec * 1000000000LL + now->tv_nsec) * haste;
        now->tv_sec = ns / 1000000000LL;
        now->tv_nsec = ns % 1000000000LL;
    }
    return result;
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms) {
    long long ns = timeout_ms * 1000000LL / haste;
    struct timespec timeout = {ns / 1000000000LL, ns % 1000000000LL};
    return ppoll(fds, count, timeout_ms < 0 ? NULL : &timeout, NULL);
}

// What version 2.0.2 offers beyond these, it does not speak as Kafka does.
static const struct { int16_t key, max; } capped[] = {
    {2, 3},   // ListOffsets
    {8, 7},   // OffsetCommit
    {9, 5},   // OffsetFetch
    {11, 5},  // JoinGroup
    {12, 3},  // Heartbeat
    {13, 1},  // LeaveGroup
    {14, 3},  // SyncGroup
    {22, 1},  // InitProducerId
};

int main(int count, char **words) {
    // Whoever started this keeps it; it does not outlive them.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (count == 2) return puts(rd_kafka_version_str()) < 0;
    if (count != 5) return fprintf(stderr, "mock-broker BROKERS PORT ADVERTISED_PORT HASTE\n"), 2;
    port = atoi(words[2]);
    advertised_port = atoi(words[3]);
    haste = atoi(words[4]);

    char why[512];
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, NULL, why, sizeof why);
    if (client == NULL) return fprintf(stderr, "%s\n", why), 1;
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(client, atoi(words[1]));
    if (cluster == NULL) return fprintf(stderr, "no cluster: address in use?\n"), 1;
    for (size_t at = 0; at < sizeof capped / sizeof capped[0]; at++)
        rd_kafka_mock_set_apiversion(cluster, capped[at].key, 0, capped[at].max);
    for (;;) pause();
}
